"""The page that people see, and the API it lives on."""

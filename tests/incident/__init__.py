"""The whole product on the real cluster: from what is typed to a node's network card and back."""

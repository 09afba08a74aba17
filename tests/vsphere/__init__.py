"""netcheck's operator meets a vCenter that is as strict as the real one: the stand-in of `tests/lab/go/vcenter`."""

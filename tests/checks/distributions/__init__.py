"""What distributions put into a cluster, cut to the fields that are read; each file says where it is from."""

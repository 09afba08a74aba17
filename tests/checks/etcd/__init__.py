"""Tests of the check `etcd`."""

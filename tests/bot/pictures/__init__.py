"""Tests of the pictures: what they show, how it is drawn, and the child that draws."""

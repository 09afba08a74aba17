// The program that holds a pod's namespaces.
module netcheck.invalid/lab/pause

go 1.24.0

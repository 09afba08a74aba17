// Vcenter stands in for a vCenter: govmomi's simulator, made as strict as the real one where netcheck depends on it, with
// virtual machines that a file describes and a second port for tests to look at them and to make things go wrong.
//
// When it is ready it prints one line of JSON: the ports that it listens on.
package main

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"

	"github.com/vmware/govmomi/simulator"
)

func main() {
	certificate := flag.String("cert", "", "PEM file with the certificate and its chain")
	key := flag.String("key", "", "PEM file with the certificate's key")
	user := flag.String("user", "netcheck@vsphere.local", "the one user that may log in")
	password := flag.String("password", "", "that user's password")
	machines := flag.String("vms", "", "JSON file: a list of virtual machines")
	listen := flag.String("listen", "127.0.0.1:0", "where the vSphere API is served")
	control := flag.String("control", "127.0.0.1:0", "where tests look and inject faults")
	flag.Parse()

	pair, err := tls.LoadX509KeyPair(*certificate, *key)
	must(err)
	described, err := os.ReadFile(*machines)
	must(err)

	model := newModel()
	defer model.Remove()
	server := &vcenter{
		model: model, registry: model.Map(), faults: newFaults(), changes: newChanges(), cards: map[string][]string{},
	}
	server.registry.AddHandler(server.changes)
	must(server.createMachines(described))
	server.registry.Handler = server.admit

	api := serve(*listen, &tls.Config{Certificates: []tls.Certificate{pair}}, server.handler(*user, *password))
	door := serve(*control, nil, server.control())
	must(json.NewEncoder(os.Stdout).Encode(map[string]int{"vcenter": api, "control": door}))
	select {}
}

// vcenter is the simulator with what was added to it.
type vcenter struct {
	model    *simulator.Model
	registry *simulator.Registry
	faults   *faults
	changes  *changes
	machines []*machine
	cards    map[string][]string // guest id -> adapters that fit it
}

// newModel returns one data centre with a cluster, a standard network ("VM Network") and a distributed port group
// ("DC0_DVPG0"), and no virtual machine.
func newModel() *simulator.Model {
	// A client that sees a task end must be able to read the machine; the simulator would hold it locked.
	simulator.TaskDelay.MethodDelay = map[string]int{"LockHandoff": 0}
	model := simulator.VPX()
	model.Cluster, model.ClusterHost, model.Host, model.Portgroup, model.Machine = 1, 2, 0, 1, 0
	// Clients speak the version that they are told: without this, one that lacks some of the properties.
	model.ServiceContent.About.ApiVersion = "8.0.3.0"
	must(model.Create())
	return model
}

// handler serves the vSphere API. The simulator wants a server of its own, which is closed: it has neither TLS nor faults.
func (s *vcenter) handler(user, password string) http.Handler {
	s.model.Service.Listen = &url.URL{Host: "127.0.0.1:0", User: url.UserPassword(user, password)}
	s.model.Service.NewServer().Close()
	return s.faults.around(s.model.Service.ServeMux, s.forget)
}

// serve answers requests in the background and returns the port.
func serve(address string, config *tls.Config, handler http.Handler) int {
	listener, err := net.Listen("tcp", address)
	must(err)
	port := listener.Addr().(*net.TCPAddr).Port
	if config != nil {
		listener = tls.NewListener(listener, config)
	}
	quiet := log.New(discard{}, "", 0)
	go func() { must((&http.Server{Handler: handler, ErrorLog: quiet}).Serve(listener)) }()
	return port
}

// discard drops what the HTTP server says of clients that end their connections, which they do on purpose.
type discard struct{}

func (discard) Write(line []byte) (int, error) { return len(line), nil }

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "vcenter:", err)
		os.Exit(1)
	}
}

package main

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// seen is what the control port shows of a machine.
type seen struct {
	Power types.VirtualMachinePowerState `json:"power"`
	NICs  []card                         `json:"nics"`
}

type card struct {
	Type    string `json:"type"` // as the API calls it: VirtualVmxnet3
	MAC     string `json:"mac"`
	Network string `json:"network"`
}

// control serves the port that only tests use:
//
//	GET /vms            every machine's power state and adapters
//	GET /vms?after=N    the same with its version, once that is above N; 0 answers at once
//	POST /vms/NAME/off  the machine's power fails
//	POST /faults        a fault that is to happen (see the type fault)
//	DELETE /faults      none is to happen any more
//	GET /calls          the API's methods that were called, in order
func (s *vcenter) control() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /vms", s.answerMachines)
	mux.HandleFunc("POST /vms/{name}/off", s.cutPower)
	mux.HandleFunc("POST /faults", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = s.faults.add(body)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	mux.HandleFunc("DELETE /faults", func(http.ResponseWriter, *http.Request) { s.faults.clear() })
	mux.HandleFunc("GET /calls", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.faults.noted()) })
	return mux
}

func answer(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value) // whoever asked may be gone
}

func (s *vcenter) answerMachines(w http.ResponseWriter, r *http.Request) {
	after := r.URL.Query().Get("after")
	if after == "" {
		answer(w, s.look())
		return
	}
	known, err := strconv.Atoi(after)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	version, changed := s.changes.version()
	for version <= known {
		select {
		case <-changed:
		case <-r.Context().Done():
			return
		}
		version, changed = s.changes.version()
	}
	answer(w, map[string]any{"version": version, "vms": s.look()})
}

func (s *vcenter) look() map[string]seen {
	found := map[string]seen{}
	for _, each := range s.machines {
		own := &simulator.Context{Map: s.registry}
		s.registry.WithLock(own, each.VirtualMachine, func() {
			look := seen{Power: each.Runtime.PowerState, NICs: []card{}}
			for _, device := range each.Config.Hardware.Device {
				if ethernet, ok := device.(types.BaseVirtualEthernetCard); ok {
					look.NICs = append(look.NICs, s.card(ethernet))
				}
			}
			found[each.Name] = look
		})
	}
	return found
}

func (s *vcenter) card(ethernet types.BaseVirtualEthernetCard) card {
	common := ethernet.GetVirtualEthernetCard()
	shown := card{MAC: common.MacAddress}
	shown.Type = object.VirtualDeviceList{}.TypeName(ethernet.(types.BaseVirtualDevice))
	switch backing := common.Backing.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		shown.Network = backing.DeviceName
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		group := types.ManagedObjectReference{Type: "DistributedVirtualPortgroup", Value: backing.Port.PortgroupKey}
		if found, ok := s.registry.Get(group).(*simulator.DistributedVirtualPortgroup); ok {
			shown.Network = found.Name
		}
	}
	return shown
}

func (s *vcenter) cutPower(w http.ResponseWriter, r *http.Request) {
	for _, each := range s.machines {
		if each.Name == r.PathValue("name") {
			own := &simulator.Context{Map: s.registry}
			s.registry.WithLock(own, each.VirtualMachine, func() {
				s.registry.Update(own, each.VirtualMachine, []types.PropertyChange{
					{Name: "runtime.powerState", Val: poweredOff},
				})
				each.powered(own, nil)
			})
			return
		}
	}
	http.NotFound(w, r)
}

// changes counts what happened to machines, for whoever waits for it.
type changes struct {
	lock    sync.Mutex
	count   int
	changed chan struct{} // closed with the next change
}

func newChanges() *changes { return &changes{count: 1, changed: make(chan struct{})} }

func (c *changes) version() (int, <-chan struct{}) {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.count, c.changed
}

// Reference names the handler in the simulator's registry.
func (c *changes) Reference() types.ManagedObjectReference {
	return types.ManagedObjectReference{Type: "Changes", Value: "changes"}
}

// PutObject is called for every new object.
func (c *changes) PutObject(*simulator.Context, mo.Reference) {}

// RemoveObject is called when an object goes.
func (c *changes) RemoveObject(*simulator.Context, types.ManagedObjectReference) {}

// UpdateObject is called after every change.
func (c *changes) UpdateObject(_ *simulator.Context, object mo.Reference, set []types.PropertyChange) {
	if object.Reference().Type != "VirtualMachine" {
		return
	}
	for _, each := range set {
		if each.Name == "runtime.powerState" || each.Name == "config.hardware.device" {
			c.lock.Lock()
			c.count++
			close(c.changed)
			c.changed = make(chan struct{})
			c.lock.Unlock()
			return
		}
	}
}

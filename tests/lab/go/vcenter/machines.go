package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25"
	"github.com/vmware/govmomi/vim25/types"
)

// description is one virtual machine of the file. What is left out has the value of newDescription.
type description struct {
	Name            string            `json:"name"`
	UUID            string            `json:"uuid"` // in vSphere's byte order
	InstanceUUID    string            `json:"instanceUuid"`
	GuestID         string            `json:"guestId"`
	Hardware        string            `json:"hardware"`
	Tools           bool              `json:"tools"` // whether the guest tools run while the machine does
	On              bool              `json:"on"`
	NICs            []nic             `json:"nics"`
	Annotation      string            `json:"annotation"`
	ManagedBy       string            `json:"managedBy"` // key of an extension
	ExtraConfig     map[string]string `json:"extraConfig"`
	Attributes      map[string]string `json:"attributes"` // custom attributes
	Snapshots       []string          `json:"snapshots"`
	Template        bool              `json:"template"`
	DisabledMethods []string          `json:"disabledMethods"`
	Question        string            `json:"question"` // one that waits for an answer
	Connection      string            `json:"connection"`
	FaultTolerance  string            `json:"faultTolerance"`
	GuestCards      []string          `json:"guestCards"` // adapters that fit its guest id; empty: the usual ones
}

// firstNIC is the device key of a machine's first adapter, as on real machines.
const firstNIC = 4000

type nic struct {
	Type        string `json:"type"` // vmxnet3, e1000e, sriov or rdma
	MAC         string `json:"mac"`
	AddressType string `json:"addressType"`
	Network     string `json:"network"`
	Unit        int32  `json:"unit"`
	UPT         bool   `json:"upt"` // its packets pass by the hypervisor
}

func newDescription() description {
	return description{GuestID: "other5xLinux64Guest", Hardware: "vmx-19", Tools: true, On: true}
}

// createMachines makes the virtual machines of a JSON list.
func (s *vcenter) createMachines(list []byte) error {
	var rows []json.RawMessage
	if err := json.Unmarshal(list, &rows); err != nil {
		return err
	}
	for _, row := range rows {
		described := newDescription()
		if err := json.Unmarshal(row, &described); err != nil {
			return err
		}
		if err := s.createMachine(described); err != nil {
			return fmt.Errorf("%s: %w", described.Name, err)
		}
	}
	return nil
}

func (s *vcenter) createMachine(d description) error {
	ctx := context.Background()
	client, err := vim25.NewClient(ctx, s.model.Service) // inside the process, without a login
	if err != nil {
		return err
	}
	finder := find.NewFinder(client)
	center, err := finder.DefaultDatacenter(ctx)
	if err != nil {
		return err
	}
	finder.SetDatacenter(center)
	spec, err := specification(ctx, finder, d)
	if err != nil {
		return err
	}
	pool, err := finder.ResourcePool(ctx, "DC0_C0/Resources")
	if err != nil {
		return err
	}
	folders, err := center.Folders(ctx)
	if err != nil {
		return err
	}
	task, err := folders.VmFolder.CreateVM(ctx, spec, pool, nil)
	if err != nil {
		return err
	}
	created, err := task.WaitForResult(ctx)
	if err != nil {
		return err
	}
	reference := created.Result.(types.ManagedObjectReference)
	if err := settle(ctx, client, object.NewVirtualMachine(client, reference), d); err != nil {
		return err
	}
	s.mark(reference, d)
	return nil
}

func specification(ctx context.Context, finder *find.Finder, d description) (types.VirtualMachineConfigSpec, error) {
	spec := types.VirtualMachineConfigSpec{
		Name: d.Name, GuestId: d.GuestID, Version: d.Hardware, Annotation: d.Annotation,
		Uuid: strings.ToLower(d.UUID), InstanceUuid: strings.ToLower(d.InstanceUUID),
		NumCPUs: 2, MemoryMB: 4096,
		Files: &types.VirtualMachineFileInfo{VmPathName: "[LocalDS_0]"},
	}
	if d.ManagedBy != "" {
		spec.ManagedBy = &types.ManagedByInfo{ExtensionKey: d.ManagedBy, Type: "machine"}
	}
	for key, value := range d.ExtraConfig {
		spec.ExtraConfig = append(spec.ExtraConfig, &types.OptionValue{Key: key, Value: value})
	}
	for number, described := range d.NICs {
		device, err := adapter(ctx, finder, described, number)
		if err != nil {
			return spec, err
		}
		change := &types.VirtualDeviceConfigSpec{Operation: types.VirtualDeviceConfigSpecOperationAdd, Device: device}
		spec.DeviceChange = append(spec.DeviceChange, change)
	}
	return spec, nil
}

func adapter(ctx context.Context, finder *find.Finder, n nic, number int) (types.BaseVirtualDevice, error) {
	network, err := finder.Network(ctx, orElse(n.Network, "VM Network"))
	if err != nil {
		return nil, err
	}
	backing, err := network.EthernetCardBackingInfo(ctx)
	if err != nil {
		return nil, err
	}
	card := types.VirtualEthernetCard{
		AddressType: orElse(n.AddressType, "manual"), MacAddress: n.MAC, WakeOnLanEnabled: types.NewBool(true),
	}
	card.Key, card.ControllerKey, card.Backing = firstNIC+int32(number), 100, backing
	card.UptCompatibilityEnabled = types.NewBool(true) // as vSphere's own pages make them, whatever the host can
	card.UnitNumber = types.NewInt32(int32(7 + number))
	if n.Unit != 0 {
		card.UnitNumber = types.NewInt32(n.Unit)
	}
	card.Connectable = &types.VirtualDeviceConnectInfo{StartConnected: true, Connected: true, AllowGuestControl: true}
	vmxnet := types.VirtualVmxnet{VirtualEthernetCard: card}
	switch orElse(n.Type, "vmxnet3") {
	case "vmxnet3":
		return &types.VirtualVmxnet3{VirtualVmxnet: vmxnet}, nil
	case "e1000e":
		return &types.VirtualE1000e{VirtualEthernetCard: card}, nil
	case "rdma":
		return &types.VirtualVmxnet3Vrdma{VirtualVmxnet3: types.VirtualVmxnet3{VirtualVmxnet: vmxnet}}, nil
	case "sriov":
		return &types.VirtualSriovEthernetCard{VirtualEthernetCard: card}, nil
	}
	return nil, fmt.Errorf("no adapter is called %q", n.Type)
}

// settle does with a new machine what takes calls of their own.
func settle(ctx context.Context, client *vim25.Client, vm *object.VirtualMachine, d description) error {
	for name, value := range d.Attributes {
		if err := attribute(ctx, client, vm, name, value); err != nil {
			return err
		}
	}
	for _, name := range d.Snapshots {
		task, err := vm.CreateSnapshot(ctx, name, "", false, false)
		if err == nil {
			err = task.Wait(ctx)
		}
		if err != nil {
			return err
		}
	}
	if d.Template {
		return vm.MarkAsTemplate(ctx)
	}
	if !d.On {
		return nil
	}
	task, err := vm.PowerOn(ctx)
	if err != nil {
		return err
	}
	return task.Wait(ctx)
}

func attribute(ctx context.Context, client *vim25.Client, vm *object.VirtualMachine, name, value string) error {
	manager, err := object.GetCustomFieldsManager(client)
	if err != nil {
		return err
	}
	key, err := manager.FindKey(ctx, name)
	if err != nil {
		field, err := manager.Add(ctx, name, "VirtualMachine", nil, nil)
		if err != nil {
			return err
		}
		key = field.Key
	}
	return manager.Set(ctx, vm.Reference(), key, value)
}

// mark sets what no call sets, and makes the machine a strict one.
func (s *vcenter) mark(reference types.ManagedObjectReference, d description) {
	vm := s.registry.Get(reference).(*simulator.VirtualMachine)
	strict := &machine{VirtualMachine: vm, faults: s.faults, tools: d.Tools}
	s.machines = append(s.machines, strict)
	if len(d.GuestCards) > 0 {
		s.cards[strings.ToLower(d.GuestID)] = d.GuestCards
	}
	set := []types.PropertyChange{
		{Name: "guest.toolsRunningStatus", Val: strict.toolsStatus(vm.Runtime.PowerState)},
		{Name: "disabledMethod", Val: d.DisabledMethods},
	}
	if d.Connection != "" {
		set = append(set, types.PropertyChange{
			Name: "runtime.connectionState", Val: types.VirtualMachineConnectionState(d.Connection),
		})
	}
	if d.FaultTolerance != "" {
		set = append(set, types.PropertyChange{
			Name: "runtime.faultToleranceState", Val: types.VirtualMachineFaultToleranceState(d.FaultTolerance),
		})
	}
	for number, n := range d.NICs {
		if n.UPT {
			state := &types.VirtualMachineDeviceRuntimeInfoVirtualEthernetCardRuntimeState{
				VmDirectPathGen2Active: types.NewBool(true),
			}
			set = append(set, types.PropertyChange{Name: "runtime.device", Val: []types.VirtualMachineDeviceRuntimeInfo{
				{Key: firstNIC + int32(number), RuntimeState: state},
			}})
		}
	}
	if d.Question != "" {
		set = append(set, types.PropertyChange{Name: "runtime.question", Val: types.VirtualMachineQuestionInfo{
			Id: "1", Text: d.Question, Choice: types.ChoiceOption{ChoiceInfo: []types.BaseElementDescription{
				&types.ElementDescription{Key: "0", Description: types.Description{Label: "OK", Summary: "OK"}},
			}},
		}})
	}
	s.registry.AtomicUpdate(&simulator.Context{Map: s.registry}, vm, set)
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	poweredOn   = types.VirtualMachinePowerStatePoweredOn
	poweredOff  = types.VirtualMachinePowerStatePoweredOff
	oldestE1000 = 8 // the hardware version that e1000e came with
)

// machine is a virtual machine that refuses what a real vCenter refuses and the simulator lets pass.
type machine struct {
	*simulator.VirtualMachine // the simulator finds its properties in the first field

	faults *faults
	tools  bool // whether its guest tools run while it does

	lock sync.Mutex
	busy *types.ManagedObjectReference // the task that is under way
}

// admit is called before every call. It answers with an injected fault, refuses reads without a login, which the simulator would answer, and puts the
// strict objects in the place of the simulator's, which works in the registry of a session only.
func (s *vcenter) admit(ctx *simulator.Context, call *simulator.Method) (mo.Reference, types.BaseMethodFault) {
	if fault := s.faults.take("call", call.Name, "").fault(); fault != nil {
		return nil, fault
	}
	if ctx.Session == nil {
		read, ok := call.Body.(*types.RetrievePropertiesEx)
		if ok && read.SpecSet[0].ObjectSet[0].Obj.Type != "ServiceInstance" {
			return nil, &types.NotAuthenticated{NoPermission: types.NoPermission{
				Object: &call.This, PrivilegeId: "System.View",
			}}
		}
		return nil, nil
	}
	if ctx.Session.Registry.Get(call.This) != nil {
		return nil, nil
	}
	if own, ok := s.registry.Get(call.This).(*simulator.EnvironmentBrowser); ok {
		ctx.Session.Registry.Put(&browser{EnvironmentBrowser: own, cards: s.cards})
	}
	if call.This.Type == "VirtualMachine" {
		for _, each := range s.machines {
			if each.Self == call.This {
				ctx.Session.Registry.Put(each)
			}
		}
	}
	return nil, nil
}

// forget ends a session, as vCenter does when nobody used it for a while.
func (s *vcenter) forget(session string) {
	other := &simulator.Session{UserSession: types.UserSession{Key: "control"}}
	ctx := &simulator.Context{Map: s.registry, Session: other}
	s.registry.SessionManager().TerminateSession(ctx, &types.TerminateSession{SessionId: []string{session}})
}

// ReconfigVMTask is the method ReconfigVM_Task.
func (v *machine) ReconfigVMTask(ctx *simulator.Context, call *types.ReconfigVM_Task) soap.HasFault {
	task := v.start(ctx, "ReconfigVM_Task", "reconfigVm", func(own *simulator.Context) types.BaseMethodFault {
		if v.faults.take("touch", "ReconfigVM_Task", v.Name) != nil {
			v.touch(own)
		}
		if fault := v.refusal(own, &call.Spec); fault != nil {
			return fault
		}
		body := v.VirtualMachine.ReconfigVMTask(own, call).(*methods.ReconfigVM_TaskBody)
		fault := finish(own, body.Res.Returnval)
		if other := v.faults.take("mac", "ReconfigVM_Task", v.Name); other != nil && fault == nil {
			v.readdress(own, &call.Spec, other.MAC)
		}
		return fault
	})
	return &methods.ReconfigVM_TaskBody{Res: &types.ReconfigVM_TaskResponse{Returnval: task}}
}

// PowerOnVMTask is the method PowerOnVM_Task.
func (v *machine) PowerOnVMTask(ctx *simulator.Context, call *types.PowerOnVM_Task) soap.HasFault {
	if v.Config.Template {
		return v.VirtualMachine.PowerOnVMTask(ctx, call)
	}
	task := v.start(ctx, "PowerOnVM_Task", "powerOn", func(own *simulator.Context) types.BaseMethodFault {
		body := v.VirtualMachine.PowerOnVMTask(own, call).(*methods.PowerOnVM_TaskBody)
		return v.powered(own, finish(own, body.Res.Returnval))
	})
	return &methods.PowerOnVM_TaskBody{Res: &types.PowerOnVM_TaskResponse{Returnval: task}}
}

// PowerOffVMTask is the method PowerOffVM_Task.
func (v *machine) PowerOffVMTask(ctx *simulator.Context, call *types.PowerOffVM_Task) soap.HasFault {
	task := v.start(ctx, "PowerOffVM_Task", "powerOff", v.stop)
	return &methods.PowerOffVM_TaskBody{Res: &types.PowerOffVM_TaskResponse{Returnval: task}}
}

// ShutdownGuest asks the guest, which takes its time and may never do it.
func (v *machine) ShutdownGuest(ctx *simulator.Context, call *types.ShutdownGuest) soap.HasFault {
	if v.Runtime.PowerState != poweredOn {
		return v.VirtualMachine.ShutdownGuest(ctx, call)
	}
	body := &methods.ShutdownGuestBody{}
	if !v.tools {
		body.Fault_ = simulator.Fault("", &types.ToolsUnavailable{})
		return body
	}
	body.Res = &types.ShutdownGuestResponse{}
	if v.faults.take("ignore", "ShutdownGuest", v.Name) != nil {
		return body
	}
	own := *ctx // whoever locks has a context of its own: it is the lock's owner
	delay := v.faults.take("slow", "ShutdownGuest", v.Name).seconds()
	go func() {
		time.Sleep(delay)
		own.Map.WithLock(&own, v.VirtualMachine, func() { v.stop(&own) })
	}()
	return body
}

// stop powers the machine off. The caller holds its lock.
func (v *machine) stop(own *simulator.Context) types.BaseMethodFault {
	call := &types.PowerOffVM_Task{This: v.Self}
	body := v.VirtualMachine.PowerOffVMTask(own, call).(*methods.PowerOffVM_TaskBody)
	return v.powered(own, finish(own, body.Res.Returnval))
}

// powered sets what follows from the power state.
func (v *machine) powered(own *simulator.Context, fault types.BaseMethodFault) types.BaseMethodFault {
	own.Map.Update(own, v.VirtualMachine, []types.PropertyChange{
		{Name: "guest.toolsRunningStatus", Val: v.toolsStatus(v.Runtime.PowerState)},
	})
	return fault
}

func (v *machine) toolsStatus(power types.VirtualMachinePowerState) string {
	if v.tools && power == poweredOn {
		return string(types.VirtualMachineToolsRunningStatusGuestToolsRunning)
	}
	return string(types.VirtualMachineToolsRunningStatusGuestToolsNotRunning)
}

// finish waits for a task of the simulator's and returns how it ended.
func finish(own *simulator.Context, reference types.ManagedObjectReference) types.BaseMethodFault {
	task := own.Map.Get(reference).(*simulator.Task)
	task.Wait()
	if task.Info.Error == nil {
		return nil
	}
	return task.Info.Error.Fault
}

// start runs a task on the machine, of which there is one at a time. The simulator's own would keep the machine locked,
// so that nobody could read it meanwhile.
func (v *machine) start(
	ctx *simulator.Context, method, name string, run func(*simulator.Context) types.BaseMethodFault,
) types.ManagedObjectReference {
	own := *ctx
	task := simulator.CreateTask(v.VirtualMachine, name+"Task", nil)
	own.Map.Put(task)
	injected := v.faults.take("task", method, v.Name).fault()
	if busy := v.begin(task.Self); busy != nil && injected == nil {
		injected = &types.TaskInProgress{Task: *busy}
	}
	report := &simulator.Context{Map: ctx.Map}
	own.Map.AtomicUpdate(report, task, []types.PropertyChange{
		{Name: "info.key", Val: task.Self.Value},
		{Name: "info.task", Val: task.Self},
		{Name: "info.startTime", Val: time.Now()},
		{Name: "info.state", Val: types.TaskInfoStateRunning},
	})
	go func() {
		time.Sleep(v.faults.take("slow", method, v.Name).seconds())
		fault := injected
		if fault == nil {
			own.Map.WithLock(&own, v.VirtualMachine, func() { fault = run(&own) })
		}
		v.end(task.Self)
		own.Map.AtomicUpdate(report, task, outcome(fault))
	}()
	return task.Self
}

// begin notes that a task is under way. When there is one already it returns that.
func (v *machine) begin(task types.ManagedObjectReference) *types.ManagedObjectReference {
	v.lock.Lock()
	defer v.lock.Unlock()
	if v.busy != nil {
		return v.busy
	}
	v.busy = &task
	return nil
}

func (v *machine) end(task types.ManagedObjectReference) {
	v.lock.Lock()
	defer v.lock.Unlock()
	if v.busy != nil && *v.busy == task {
		v.busy = nil
	}
}

func outcome(fault types.BaseMethodFault) []types.PropertyChange {
	changes := []types.PropertyChange{{Name: "info.completeTime", Val: time.Now()}}
	if fault == nil {
		return append(changes, types.PropertyChange{Name: "info.state", Val: types.TaskInfoStateSuccess})
	}
	failure := types.LocalizedMethodFault{Fault: fault, LocalizedMessage: fmt.Sprintf("%T", fault)}
	return append(changes,
		types.PropertyChange{Name: "info.error", Val: failure},
		types.PropertyChange{Name: "info.state", Val: types.TaskInfoStateError},
	)
}

// touch is somebody else's change: only the version shows it.
func (v *machine) touch(own *simulator.Context) {
	own.Map.Update(own, v.VirtualMachine, []types.PropertyChange{
		{Name: "config.changeVersion", Val: strconv.FormatInt(time.Now().UnixNano(), 10)},
	})
}

// readdress gives the adapter that was just added another MAC address, as vCenter may when it does not like one.
func (v *machine) readdress(own *simulator.Context, spec *types.VirtualMachineConfigSpec, mac string) {
	devices := slices.Clone(v.Config.Hardware.Device)
	for _, change := range spec.DeviceChange {
		changed := change.GetVirtualDeviceConfigSpec()
		if card, ok := changed.Device.(types.BaseVirtualEthernetCard); ok && changed.Operation == "add" {
			card.GetVirtualEthernetCard().MacAddress = mac
		}
	}
	own.Map.Update(own, v.VirtualMachine, []types.PropertyChange{{Name: "config.hardware.device", Val: devices}})
}

// refusal is the fault with which a real vCenter would answer, as far as netcheck's own changes can meet it.
func (v *machine) refusal(own *simulator.Context, spec *types.VirtualMachineConfigSpec) types.BaseMethodFault {
	if spec.ChangeVersion != "" && spec.ChangeVersion != v.Config.ChangeVersion {
		return &types.ConcurrentAccess{}
	}
	devices := object.VirtualDeviceList(v.Config.Hardware.Device)
	removed := map[int32]bool{}
	for index, change := range spec.DeviceChange {
		changed := change.GetVirtualDeviceConfigSpec()
		bad := types.InvalidDeviceSpec{DeviceIndex: int32(index)}
		bad.Property = fmt.Sprintf("virtualDeviceSpec[%d].device", index)
		if fault := v.wrong(devices, changed, bad); fault != nil {
			return fault
		}
		if changed.Operation == "remove" {
			removed[changed.Device.GetVirtualDevice().Key] = true
		}
		card, isCard := changed.Device.(types.BaseVirtualEthernetCard)
		if !isCard || changed.Operation != "add" {
			continue
		}
		if v.Runtime.PowerState == poweredOn { // a real one may plug a card into a running machine: netcheck must not try
			return &types.InvalidPowerState{RequestedState: poweredOff, ExistingState: poweredOn}
		}
		if !backed(own, card) {
			return &types.InvalidDeviceBacking{InvalidDeviceSpec: bad}
		}
		if taken(devices, changed.Device, removed) || v.tooOld(changed.Device) {
			return &bad
		}
	}
	return nil
}

// wrong checks the device that a change names.
func (v *machine) wrong(
	devices object.VirtualDeviceList, changed *types.VirtualDeviceConfigSpec, bad types.InvalidDeviceSpec,
) types.BaseMethodFault {
	if changed.Operation == "add" {
		return nil
	}
	there := devices.FindByKey(changed.Device.GetVirtualDevice().Key)
	if there == nil {
		return &types.DeviceNotFound{InvalidDeviceSpec: bad}
	}
	if changed.Operation == "edit" && devices.TypeName(there) != devices.TypeName(changed.Device) {
		return &bad
	}
	return nil
}

// backed tells whether there is the network that a card is to be in. The simulator would end itself if not.
func backed(own *simulator.Context, card types.BaseVirtualEthernetCard) bool {
	switch network := card.GetVirtualEthernetCard().Backing.(type) {
	case *types.VirtualEthernetCardNetworkBackingInfo:
		return slices.ContainsFunc(own.Map.All("Network"), func(each mo.Entity) bool {
			return each.Entity().Name == network.DeviceName
		})
	case *types.VirtualEthernetCardDistributedVirtualPortBackingInfo:
		reference := types.ManagedObjectReference{Type: "DistributedVirtualPortgroup", Value: network.Port.PortgroupKey}
		_, there := own.Map.Get(reference).(*simulator.DistributedVirtualPortgroup)
		return there && network.Port.PortKey == "" && network.Port.ConnectionCookie == 0
	}
	return false
}

// taken tells whether another device has the place on the controller.
func taken(devices object.VirtualDeviceList, added types.BaseVirtualDevice, removed map[int32]bool) bool {
	place := added.GetVirtualDevice()
	return place.UnitNumber != nil && slices.ContainsFunc(devices, func(each types.BaseVirtualDevice) bool {
		other := each.GetVirtualDevice()
		return other.UnitNumber != nil && !removed[other.Key] &&
			other.ControllerKey == place.ControllerKey && *other.UnitNumber == *place.UnitNumber
	})
}

func (v *machine) tooOld(added types.BaseVirtualDevice) bool {
	version, err := strconv.Atoi(strings.TrimPrefix(v.Config.Version, "vmx-"))
	_, e1000e := added.(*types.VirtualE1000e)
	return err == nil && e1000e && version < oldestE1000
}

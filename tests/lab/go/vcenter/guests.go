package main

import (
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// browser tells which adapters fit a guest operating system; the simulator's leaves them out, with other things that
// clients cannot do without.
type browser struct {
	*simulator.EnvironmentBrowser

	cards map[string][]string // guest id -> adapters, where they are not the usual ones
}

// QueryConfigOptionEx is the method of that name.
func (b *browser) QueryConfigOptionEx(call *types.QueryConfigOptionEx) soap.HasFault {
	body := b.EnvironmentBrowser.QueryConfigOptionEx(call).(*methods.QueryConfigOptionExBody)
	option := *body.Res.Returnval
	option.Description, option.SupportedMonitorType = option.Version, []string{"release"}
	described := []types.GuestOsDescriptor{}
	for _, guest := range option.GuestOSDescriptor {
		described = append(described, b.describe(guest))
	}
	option.GuestOSDescriptor = described
	return &methods.QueryConfigOptionExBody{Res: &types.QueryConfigOptionExResponse{Returnval: &option}}
}

func (b *browser) describe(guest types.GuestOsDescriptor) types.GuestOsDescriptor {
	guest.FullName = guest.Id
	guest.SupportedDiskControllerList = []string{"ParaVirtualSCSIController"}
	guest.RecommendedDiskController = "ParaVirtualSCSIController"
	guest.SupportedEthernetCard = []string{"VirtualVmxnet3", "VirtualE1000e", "VirtualE1000"}
	if cards, listed := b.cards[strings.ToLower(guest.Id)]; listed {
		guest.SupportedEthernetCard = cards
	}
	return guest
}

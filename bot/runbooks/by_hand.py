"""How things are done by hand, with everything filled in: commands to copy."""

from collections.abc import Sequence

from bot.runbooks.model import Form
from checks.inventory import Adapter, Machine
from checks.nic.adapters import TUNNEL_OFFLOADS
from checks.text import say


def kubectl(*lines: str) -> Form:
    """Commands for a shell that has a kubeconfig."""
    return Form(say("kubectl"), tuple(f"kubectl {line}" for line in lines))


def shell(node: str, *lines: str) -> Form:
    """Commands for a root shell on a node."""
    return Form(say("A root shell on {node}", node=node), lines)


def talos(machine: Machine, name: str, document: Sequence[str]) -> Form:
    """A machine configuration document of Talos, applied without a reboot."""
    lines = [f"cat > {name}.yaml <<'EOF'", *document, "EOF"]
    return Form(
        say("Talos 1.10 or newer, for {node}", node=machine.name),
        (*lines, f"talosctl -n {machine.address or machine.name} patch mc -p @{name}.yaml --mode=no-reboot"),
    )


def set_features(machine: Machine, interface: str, features: dict[str, bool]) -> tuple[Form, ...]:
    """Switch offloads of an interface, until its next restart; on Talos for good."""
    if machine.talos:
        document = ["apiVersion: v1alpha1", "kind: EthernetConfig", f"name: {interface}", "features:"]
        document += [f"  {name}: {str(on).lower()}" for name, on in features.items()]
        return (talos(machine, f"{interface}-features", document),)
    words = " ".join(f"{name} {'on' if on else 'off'}" for name, on in features.items())
    return (shell(machine.name, f"ethtool -K {interface} {words}"),)


def keep_features(machine: Machine, interface: str, features: dict[str, bool]) -> tuple[Form, ...]:
    """Make it last over restarts of the interface and of the node; nothing on Talos, where the document lasts."""
    if machine.talos:
        return ()
    words = " ".join(f"{name} {'on' if on else 'off'}" for name, on in features.items())
    when = f'ACTION=="add|change", SUBSYSTEM=="net", KERNEL=="{interface}"'
    rule = f'{when}, RUN+="/usr/sbin/ethtool -K {interface} {words}"'
    unit = [
        f"cat > /etc/systemd/system/netcheck-offloads-{interface}.service <<'EOF'",
        "[Unit]",
        f"Description=Offloads of {interface}",
        f"BindsTo=sys-subsystem-net-devices-{interface}.device",
        f"After=sys-subsystem-net-devices-{interface}.device",
        "[Service]",
        "Type=oneshot",
        "RemainAfterExit=yes",
        f"ExecStart=/usr/sbin/ethtool -K {interface} {words}",
        "[Install]",
        f"WantedBy=sys-subsystem-net-devices-{interface}.device",
        "EOF",
        f"systemctl daemon-reload && systemctl enable --now netcheck-offloads-{interface}.service",
    ]
    udev = [
        f"echo '{rule}' > /etc/udev/rules.d/90-netcheck-offloads-{interface}.rules",
        "udevadm control --reload",
    ]
    return (
        Form(say("systemd, a root shell on {node}", node=machine.name), tuple(unit)),
        Form(say("udev instead, a root shell on {node}", node=machine.name), tuple(udev)),
    )


def forget_features(machine: Machine, interface: str) -> tuple[Form, ...]:
    """Remove what made it last."""
    if machine.talos:
        return ()
    unit = f"netcheck-offloads-{interface}.service"
    return (
        shell(
            machine.name,
            f"systemctl disable --now {unit}; rm -f /etc/systemd/system/{unit} "
            f"/etc/udev/rules.d/90-netcheck-offloads-{interface}.rules",
            "systemctl daemon-reload; udevadm control --reload",
        ),
    )


def remove_features(machine: Machine, interface: str) -> tuple[Form, ...]:
    """Look for whatever sets the tunnel offloads of an interface, and remove what netcheck's runbooks have made."""
    if machine.talos:
        look = f"talosctl -n {machine.address or machine.name} get machineconfig -o yaml | grep -A 8 EthernetConfig"
        document = ["apiVersion: v1alpha1", "kind: EthernetConfig", f"name: {interface}", "$patch: delete"]
        removed = talos(machine, f"{interface}-no-features", document)
        return (Form(removed.title, (look, *removed.lines)),)
    look = "grep -rls tx-udp_tnl /etc/systemd /etc/udev/rules.d /etc/NetworkManager /etc/network"
    (removed,) = forget_features(machine, interface)
    return (Form(removed.title, (look, *removed.lines)),)


def tunnel_offloads(*, on: bool) -> dict[str, bool]:
    """Both tunnel offloads: vmxnet3 stops offloading when both are off, and one alone does nothing."""
    return dict.fromkeys(TUNNEL_OFFLOADS, on)


def restart_interface(machine: Machine, adapter: Adapter) -> Form:
    """Take an interface down and up, in one command that goes on without the connection that it was typed through."""
    if machine.talos:
        return Form(
            say("Talos: restart the node at a quiet moment"),
            (f"talosctl -n {machine.address or machine.name} reboot --wait",),
        )
    return shell(
        machine.name,
        f"nohup sh -c 'networkctl reconfigure {adapter.name} || nmcli device reapply {adapter.name}' >/dev/null 2>&1 &",
    )

package io.conshelf.engine;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/// Whether commands call what listens on this machine. Who is asked for no name is trusted with the machine; whoever else gets in may do in it what
/// roles say, and what listens there knows nothing of those.
///
/// @param isOpen    whether anything may be called that the callout policy does not forbid
/// @param permitted hosts, and servers as `host:port`, that may be called in any case, in lower case
public record LocalCalls(boolean isOpen, Set<String> permitted) {
    public static final LocalCalls OPEN = new LocalCalls(true, Set.of());

    public LocalCalls {
        var names = new HashSet<String>();
        permitted.forEach(name -> names.add(canonical(name)));
        permitted = Set.copyOf(names);
    }

    /// What an entry of the callout policy says yes to, and these.
    public static LocalCalls byPolicy(Set<String> permitted) {
        return new LocalCalls(false, permitted);
    }

    /// Whether a server of this machine is called without an entry that says yes.
    public boolean permits(String host, int port) {
        return isOpen || permitted.contains(canonical(host)) || permitted.contains(canonical(host + ":" + port));
    }

    private static String canonical(String name) {
        String lower = name.toLowerCase(Locale.ROOT).replaceFirst("^localhost(?=$|:)", "127.0.0.1");
        // An address of IPv6 stands in brackets in a URI, and may stand without them in a list.
        boolean isBareIpv6 = !lower.startsWith("[") && lower.indexOf(':') != lower.lastIndexOf(':');
        return isBareIpv6 ? "[" + lower + "]" : lower;
    }
}

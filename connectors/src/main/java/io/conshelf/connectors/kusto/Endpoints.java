package io.conshelf.connectors.kusto;

import io.conshelf.connectors.StoreException;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Where the endpoints of definitions lead. Nothing leaves the machine unless it is listed.
public sealed interface Endpoints {
    /// @param uri an endpoint as a definition writes it: with or without `ingest-`, a path, a trailing slash or blank
    KustoEndpoint resolve(String uri) throws StoreException;

    /// Whether a connection to this host may be made: it is this machine, or listed.
    boolean allows(String host);

    /// Where the embedded services are: storage and vault of definitions lead there. Empty when there are none, as beside a real cluster.
    Optional<URI> home();

    /// Every endpoint leads to the embedded cluster, except those listed as live. Databases are made as they are named.
    static Endpoints embedded(URI cluster, List<String> live) {
        return embedded(cluster, live, IdentityEndpoint.of(System.getenv()));
    }

    /// The same, with the managed identities of the cluster.
    static Endpoints embedded(URI cluster, List<String> live, IdentityEndpoint identity) {
        return new Embedded(loopback(cluster), hosts(live), identity);
    }

    /// Every endpoint leads to this cluster.
    static Endpoints replacedBy(URI cluster) {
        return replacedBy(cluster, List.of());
    }

    /// Every Azure Data Explorer endpoint leads to this cluster, everything else where it says if it is listed.
    static Endpoints replacedBy(URI cluster, List<String> live) {
        return new Replaced(loopback(cluster), hosts(live));
    }

    private static Set<String> hosts(List<String> live) {
        return live.stream().map(Endpoints::hostOf).collect(Collectors.toUnmodifiableSet());
    }

    /// Whether a host is one of Azure Data Explorer, or of what speaks as it does: those lead to the embedded cluster. Another is most likely mistyped, or meant to
    /// be reached and not listed.
    static boolean isOfAzure(String host) {
        return DOMAINS.stream().anyMatch(host.toLowerCase(Locale.ROOT)::endsWith);
    }

    List<String> DOMAINS = List.of(".kusto.windows.net", ".kustodev.windows.net", ".kustomfa.windows.net", ".kusto.chinacloudapi.cn", ".kusto.usgovcloudapi.net", ".kusto.azuresynapse.net",
            ".kusto.azuresynapse.azure.cn", ".kusto.azuresynapse.usgovcloudapi.net", ".kusto.data.microsoft.com", ".kusto.fabric.microsoft.com");

    /// Whether a host is this machine by its very name: nothing is looked up.
    static boolean isLoopback(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return name.equals("localhost") || name.equals("[::1]") || name.equals("::1") || name.matches("127(\\.\\d{1,3}){3}");
    }

    record Embedded(URI cluster, Set<String> live, IdentityEndpoint identity) implements Endpoints {
        @Override
        public KustoEndpoint resolve(String uri) throws StoreException {
            URI stated = Endpoints.parse(uri);
            return live.contains(stated.getHost()) ? new KustoEndpoint(stated, false) : new KustoEndpoint(cluster, true, identity);
        }

        @Override
        public boolean allows(String host) {
            return isLoopback(host) || live.contains(host.toLowerCase(Locale.ROOT));
        }

        @Override
        public Optional<URI> home() {
            return Optional.of(cluster);
        }
    }

    record Replaced(URI cluster, Set<String> live) implements Endpoints {
        @Override
        public KustoEndpoint resolve(String uri) throws StoreException {
            Endpoints.parse(uri);
            return new KustoEndpoint(cluster, false);
        }

        @Override
        public boolean allows(String host) {
            return isLoopback(host) || live.contains(host.toLowerCase(Locale.ROOT));
        }

        @Override
        public Optional<URI> home() {
            return isLoopback(cluster.getHost()) ? Optional.of(cluster) : Optional.empty();
        }
    }

    private static String hostOf(String live) {
        String host = live.contains("://") ? URI.create(live.strip()).getHost() : live.strip();
        return host.toLowerCase(Locale.ROOT).replaceFirst("^ingest-", "");
    }

    private static URI parse(String uri) throws StoreException {
        try {
            URI parsed = URI.create(uri.strip());
            if (parsed.getHost() == null || !(parsed.getScheme().equals("https") || parsed.getScheme().equals("http"))) {
                throw new IllegalArgumentException();
            }
            String host = parsed.getHost().toLowerCase(Locale.ROOT).replaceFirst("^ingest-", "");
            return URI.create(parsed.getScheme() + "://" + host + (parsed.getPort() < 0 ? "" : ":" + parsed.getPort()));
        } catch (IllegalArgumentException notAnEndpoint) {
            throw StoreException.user("UserErrorKustoInvalidEndpoint",
                    "'" + uri + "' is not an endpoint; write https://<cluster>.<region>.kusto.windows.net");
        }
    }

    // The client drops tokens on http://localhost, so loopback is named by its address.
    private static URI loopback(URI cluster) {
        String text = cluster.toString().replaceFirst("^http://localhost(?=[:/]|$)", "http://127.0.0.1").replaceFirst("/+$", "");
        return URI.create(text);
    }
}

package io.conshelf.streams.job;

import io.conshelf.connectors.kusto.Endpoints;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;

/// The cluster that an Azure Data Explorer output names: by its URI, by `name.region`, or by its name alone, as the portal does.
public record ClusterAddress(URI uri) {
    private static final String DOMAIN = ".kusto.windows.net";

    /// Empty where it is none.
    public static Optional<ClusterAddress> of(String stated) {
        String cluster = stated.strip();
        if (!cluster.contains("://")) {
            if (!cluster.matches("[A-Za-z0-9][A-Za-z0-9-]*(\\.[A-Za-z0-9][A-Za-z0-9-]*)*(:\\d{1,5})?/?")) {
                return Optional.empty();
            }
            // what has more than a region behind the name is a host
            cluster = "https://" + (cluster.chars().filter(c -> c == '.').count() < 2 && !cluster.contains(":") ? cluster.replaceFirst("/$", "") + DOMAIN : cluster);
        }
        try {
            URI uri = URI.create(cluster);
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            return uri.getHost() != null && (scheme.equals("https") || scheme.equals("http")) ? Optional.of(new ClusterAddress(uri)) : Optional.empty();
        } catch (IllegalArgumentException noUri) {
            return Optional.empty();
        }
    }

    public static String refusal(String stated) {
        return "'" + stated + "' is no cluster; write its name, name.region, or https://name.region" + DOMAIN;
    }

    /// What is most likely wrong with it: a host that is not of Azure Data Explorer is mistyped, or meant to be reached itself, so it does not lead to the
    /// embedded cluster.
    public Optional<String> doubt() {
        return Endpoints.isOfAzure(uri.getHost()) || Endpoints.isLoopback(uri.getHost()) ? Optional.empty()
                : Optional.of(("'%s' is neither an address of Azure Data Explorer, such as https://name.region%s, nor this machine: it is reached where it is listed under "
                        + "'live' in the file given with --config, and nothing stands for it").formatted(uri.getHost(), DOMAIN));
    }
}

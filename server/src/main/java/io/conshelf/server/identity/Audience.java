package io.conshelf.server.identity;

import io.conshelf.server.storage.HostName;
import java.net.URI;
import java.util.Locale;

/// What a token is for. One for another service opens nothing here.
public enum Audience {
    /// Queries, commands and ingestion.
    KUSTO,
    /// Resources: Data Factory and the like.
    MANAGEMENT,
    /// Secrets.
    VAULT;

    private static final String KUSTO_CLOUD = "kusto.windows.net";

    /// @param host the name under which this server was asked, without port
    boolean accepts(String audience, String host) {
        String text = audience.endsWith("/") ? audience.substring(0, audience.length() - 1) : audience;
        return switch (this) {
            case KUSTO -> isKusto(hostOf(text)) || hostOf(text).equals(host) && !host.isEmpty();
            case MANAGEMENT -> text.equalsIgnoreCase("https://management.azure.com") || text.equalsIgnoreCase("https://management.core.windows.net");
            case VAULT -> text.equalsIgnoreCase("https://vault.azure.net");
        };
    }

    /// The audiences that open it, for who came with another one.
    String shown(String host) {
        return switch (this) {
            case KUSTO -> "https://" + KUSTO_CLOUD + (host.isEmpty() ? "" : " or the cluster's own address");
            case MANAGEMENT -> "https://management.azure.com";
            case VAULT -> "https://vault.azure.net";
        };
    }

    private static boolean isKusto(String host) {
        return host.equals(KUSTO_CLOUD) || host.endsWith("." + KUSTO_CLOUD);
    }

    /// The host of an audience that is a URL, as the cluster it means: without `ingest-`.
    static String hostOf(String audience) {
        try {
            return HostName.of(URI.create(audience)).map(host -> host.toLowerCase(Locale.ROOT).replaceFirst("^ingest-", "")).orElse("");
        } catch (IllegalArgumentException _) {
            return "";
        }
    }
}

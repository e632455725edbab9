package io.conshelf.server.identity;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// A tenant of Microsoft Entra, or of another service with the same tokens, whose tokens are let in beside those of this cluster.
///
/// @param id      as its tokens have it (`tid`)
/// @param issuers   what its tokens may name as their issuer (`iss`)
/// @param keys      where the keys are published that its tokens are signed with (`jwks_uri`)
/// @param login     the token service's scheme, host and port, which clients are sent to
/// @param audiences what its tokens for queries, commands and ingestion are to be for (`aud`), the one that clients are told first; where there are none, what
///                  clients of Kusto ask for whatever the cluster, and the name under which this server is asked
public record TrustedTenant(String id, Set<String> issuers, URI keys, String login, List<String> audiences) {
    /// What clients ask for that go by what a cluster tells them, and those that name none.
    private static final List<String> OF_ANY_CLUSTER = List.of("https://kusto.kusto.windows.net", "https://kusto.windows.net");
    private static final String ENTRA = "https://login.microsoftonline.com";

    public TrustedTenant {
        issuers = Set.copyOf(issuers);
        audiences = List.copyOf(audiences);
    }

    public TrustedTenant(String id, Set<String> issuers, URI keys, String login) {
        this(id, issuers, keys, login, List.of());
    }

    public TrustedTenant withAudiences(List<String> others) {
        return new TrustedTenant(id, issuers, keys, login, others);
    }

    /// Clients are told to ask for it.
    public String resource() {
        return (audiences.isEmpty() ? OF_ANY_CLUSTER : audiences).getFirst();
    }

    /// Unlike one of its own token service, a token of a tenant may be for one of many clusters.
    ///
    /// @param stated what a token is for
    /// @param host   the name under which this server was asked, without port
    boolean accepts(Audience audience, String stated, String host) {
        if (audience != Audience.KUSTO) {
            return audience.accepts(stated, host);
        }
        return (audiences.isEmpty() ? OF_ANY_CLUSTER : audiences).stream().anyMatch(known -> plain(known).equals(plain(stated)))
                || audiences.isEmpty() && !host.isEmpty() && Audience.hostOf(stated).equals(host);
    }

    /// What it accepts, for who came with another one.
    String shown(Audience audience, String host) {
        return audience == Audience.KUSTO && !audiences.isEmpty() ? String.join(" or ", audiences) : audience.shown(host);
    }

    // Both halves of a cluster are one; clients write the path or leave it out.
    private static String plain(String audience) {
        String text = audience.toLowerCase(Locale.ROOT).replaceFirst("^(https?://)ingest-", "$1");
        return text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
    }

    /// One of the public cloud.
    public static TrustedTenant ofEntra(String id) {
        return new TrustedTenant(
                id, Set.of("https://sts.windows.net/" + id + "/", ENTRA + "/" + id + "/v2.0"), URI.create(ENTRA + "/" + id + "/discovery/v2.0/keys"), ENTRA);
    }
}

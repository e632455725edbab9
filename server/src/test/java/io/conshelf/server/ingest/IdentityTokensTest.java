package io.conshelf.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.Principal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IdentityTokensTest {
    private static final byte[] SECRET = new byte[64];
    private static final Principal SOMEONE = new Principal("aadapp=1;t", "An app", false);

    private Instant now = Instant.parse("2026-03-01T10:00:00Z");
    private final InstantSource clock = () -> now;
    private final Set<String> accounts = new HashSet<>(Set.of("1"));
    private final Membership members = new Membership() {
        @Override
        public boolean isLetIn(Principal principal) {
            return principal.account().isEmpty() || hasAccount(principal.account());
        }

        @Override
        public boolean hasAccount(String id) {
            return accounts.contains(id);
        }
    };
    private final IdentityTokens tokens = new IdentityTokens(SECRET, Duration.ofHours(1), members, clock);

    @Test
    void aTokenNamesItsPrincipal() {
        assertThat(tokens.principal(tokens.issue(SOMEONE))).contains(SOMEONE);
    }

    @Test
    void aTokenKeepsNoRoleThatMayBeTakenBack() {
        var promoted = new Principal("aadapp=a;t", "a", true);
        assertThat(tokens.principal(tokens.issue(promoted)).orElseThrow().isAdministrator()).isFalse();
        assertThat(tokens.principal(tokens.issue(Principal.LOCAL_ADMINISTRATOR)).orElseThrow().isAdministrator()).isTrue();
    }

    @Test
    void aTokenIsGoodForTheAccountThatItWasIssuedFor() {
        String token = tokens.issue(Principal.withAccount("1", "aaduser=anna;t", "Anna"));
        assertThat(tokens.principal(token)).contains(Principal.withAccount("1", "aaduser=anna;t", "Anna"));
        accounts.clear();
        assertThat(tokens.principal(token)).isEmpty();
        accounts.add("2");
        assertThat(tokens.principal(token)).as("another one has the name").isEmpty();
        assertThat(tokens.principal(tokens.issue(Principal.withAccount("2", "aaduser=anna;t", "Anna")))).isPresent();
    }

    @Test
    void aTokenEnds() {
        String token = tokens.issue(SOMEONE);
        now = now.plus(Duration.ofMinutes(61));
        assertThat(tokens.principal(token)).isEmpty();
    }

    @Test
    void aChangedTokenIsRefused() {
        String token = tokens.issue(SOMEONE);
        assertThat(tokens.principal((token.charAt(3) == 'A' ? "B" : "A") + token)).isEmpty();
        assertThat(tokens.principal("")).isEmpty();
        assertThat(tokens.principal("a.b")).isEmpty();
        assertThat(tokens.principal("!.!")).isEmpty();
    }

    @Test
    void aTokenOfAnotherServerIsRefused() {
        var other = new IdentityTokens(new byte[] {1}, Duration.ofHours(1), members, clock);
        assertThat(tokens.principal(other.issue(SOMEONE))).isEmpty();
    }
}

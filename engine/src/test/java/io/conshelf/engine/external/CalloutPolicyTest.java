package io.conshelf.engine.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.external.CalloutPolicy.Target;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Which spellings of a place are the same to the callout policy.
class CalloutPolicyTest {
    private static CalloutPolicy policy(String yes, String no) {
        String text = "[" + entry(yes, true) + (no.isEmpty() ? "" : "," + entry(no, false)) + "]";
        return new CalloutPolicy(() -> Optional.of(text));
    }

    private static String entry(String regex, boolean canCall) {
        return "{\"CalloutType\":\"t\",\"CalloutUriRegex\":\"" + regex.replace("\\", "\\\\") + "\",\"CanCall\":" + canCall + "}";
    }

    private static void permits(String yes, String uri) {
        assertThatCode(() -> policy(yes, "").requireForQueries("t", Target.of(URI.create(uri)))).as(uri).doesNotThrowAnyException();
    }

    private static void keepsFrom(String yes, String uri) {
        assertThatThrownBy(() -> policy(yes, "").requireForQueries("t", Target.of(URI.create(uri)))).as(uri).isInstanceOf(KustoException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://h/private/a.csv", "https://H/private/a.csv", "https://h:443/private/a.csv", "HTTPS://h/private/a.csv", "https://h./private/a.csv",
            "https://h/%70rivate/a.csv", "https://h/PRIVATE/a.csv", "https://h/./private/a.csv", "https://h/x/../private/a.csv", "https://h//private/a.csv",
            "https://h/x/%2e%2E/private/a.csv", "https://h/x%2F..%2Fprivate/a.csv", "https://h/private%2fa.csv", "https://h/private?x=1"})
    void whatIsForbiddenIsForbiddenInEverySpelling(String uri) {
        assertThat(policy(".*", "^https://h/private").refusing("t", URI.create(uri))).isPresent();
        assertThat(policy(".*", "^https://h:443/private").refusing("t", URI.create(uri))).isPresent();
        assertThatThrownBy(() -> policy(".*", "^https://h/private").requireForQueries("t", Target.of(URI.create(uri)))).isInstanceOf(KustoException.class);
        keepsFrom("^https://h/(?!private)", uri);
    }

    @Test
    void whatIsNotForbiddenIsNot() {
        assertThat(policy(".*", "^https://h/private").refusing("t", URI.create("https://h/public/a.csv?x=private"))).isEmpty();
        assertThat(policy(".*", "^https://h/private").refusing("t", URI.create("https://h:8443/private/a.csv"))).isEmpty();
        permits("^https://h/(?!private)", "https://h/public/");
        permits("^https://h:443/", "https://h/x");
        permits("^https://h/", "https://h:443/x");
        permits("^https://h/a b|^https://h/a%20b", "https://h/a%20b");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://h/./a.csv", "https://h/x/../a.csv", "https://h//a.csv", "https://h/x/%2e%2e/a.csv", "https://h/x/.."})
    void queriesWriteAPathInOneWay(String uri) {
        assertThatThrownBy(() -> policy(".*", "").requireForQueries("t", Target.of(URI.create(uri)))).hasMessageContaining("servers read in several ways");
    }

    @Test
    void aPatternOfAServerIsMatchedToTheEndOfItsName() {
        for (String pattern : new String[] {"^https://h/?$", "^https?://h$", "https://h/$", "^https://h", "h(:\\d+)?/?$"}) {
            permits(pattern, "https://h/x/y.csv");
        }
        keepsFrom("^https://h/x$", "https://h/x/y.csv");
        keepsFrom("^https://h/(?!x)", "https://h/x/y.csv");
        keepsFrom("^https://h/[^x]*$", "https://h/x/y.csv");
        keepsFrom("^https://h$", "https://h.example.com/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://acme.blob.core.windows.net/c/private/a.csv", "https://acme.dfs.core.windows.net/c/private/a.csv",
            "abfss://c@acme.dfs.core.windows.net/private/a.csv", "ABFSS://c@ACME.dfs.core.windows.net/private/a.csv",
            "https://acme.blob.core.windows.net:443/c/%70rivate/a.csv", "abfss://c@acme.dfs.core.windows.net/%70rivate/a.csv"})
    void anAccountIsTheSameByAllItsNames(String uri) {
        for (String pattern : new String[] {"^https://acme\\.blob\\.core\\.windows\\.net/c/private", "^https://acme\\.dfs\\.core\\.windows\\.net/c/private",
                "^abfss://c@acme\\.dfs\\.core\\.windows\\.net/private"}) {
            assertThat(policy(".*", pattern).refusing("t", URI.create(uri))).as(pattern).isPresent();
            permits(pattern, uri);
        }
        permits("acme\\.blob\\.core\\.windows\\.net", uri);
        keepsFrom("^https://acme\\.blob\\.core\\.windows\\.net/c/public", uri);
        keepsFrom("^https://other\\.blob\\.core\\.windows\\.net", uri);
    }

    @Test
    void anotherServerIsNoAccount() {
        keepsFrom("^https://a\\.blob\\.example\\.com", "https://a.dfs.example.com/c/x");
        assertThat(policy(".*", "^https://a\\.blob\\.example\\.com").refusing("t", URI.create("https://a.dfs.example.com/c/x"))).isPresent();
        permits("^https://a\\.blob\\.example\\.com/c/", "abfss://c@a.dfs.example.com/x");
    }

    @Test
    void hostsAreInLowerCaseAndPathsOfFilesAsTheyAre() {
        assertThat(policy(".*", "^db\\.example\\.com:5432$").refusing("t", Target.ofServer("DB.Example.com", 5432))).isPresent();
        assertThat(policy(".*", "^file:///data/Private").refusing("t", Target.ofFile(Path.of("/data/Private/a.csv")))).isPresent();
        assertThat(policy(".*", "^file:///data/private").refusing("t", Target.ofFile(Path.of("/data/Private/a.csv")))).isPresent();
    }
}

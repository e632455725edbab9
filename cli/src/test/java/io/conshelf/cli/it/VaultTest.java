package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.credential.AccessToken;
import com.azure.core.exception.HttpResponseException;
import com.azure.core.exception.ResourceNotFoundException;
import com.azure.core.http.HttpPipelineCallContext;
import com.azure.core.http.HttpPipelineNextPolicy;
import com.azure.core.http.HttpPipelineNextSyncPolicy;
import com.azure.core.http.HttpResponse;
import com.azure.core.http.policy.HttpPipelinePolicy;
import com.azure.security.keyvault.secrets.SecretClient;
import com.azure.security.keyvault.secrets.SecretClientBuilder;
import com.azure.security.keyvault.secrets.models.KeyVaultSecret;
import com.azure.security.keyvault.secrets.models.SecretProperties;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.azure.AzureIdentity;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.vault.GivenSecrets;
import io.conshelf.connectors.vault.KeyVault;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.net.MalformedURLException;
import java.net.URI;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/// The vaults beside the cluster, by the official client.
class VaultTest {
    private static final GivenSecrets NOTHING = new GivenSecrets(Map.of(), Map.of());

    @TempDir
    Path data;

    /// The client asks for https before it shows a token. After that, the request goes where the server listens.
    private record OverHttp() implements HttpPipelinePolicy {
        @Override
        public Mono<HttpResponse> process(HttpPipelineCallContext context, HttpPipelineNextPolicy next) {
            rewrite(context);
            return next.process();
        }

        @Override
        public HttpResponse processSync(HttpPipelineCallContext context, HttpPipelineNextSyncPolicy next) {
            rewrite(context);
            return next.processSync();
        }

        private static void rewrite(HttpPipelineCallContext context) {
            try {
                context.getHttpRequest().setUrl(URI.create(context.getHttpRequest().getUrl().toString().replaceFirst("^https:", "http:")).toURL());
            } catch (MalformedURLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private static SecretClient client(Server server, String vault) {
        return client(server, vault, "anything");
    }

    static SecretClient client(Server server, String vault, String token) {
        return new SecretClientBuilder().vaultUrl("https://127.0.0.1:" + server.port() + "/vaults/" + vault)
                .credential(_ -> Mono.just(new AccessToken(token, OffsetDateTime.now().plusHours(1))))
                .disableChallengeResourceVerification().addPolicy(new OverHttp()).buildClient();
    }

    private static KeyVault runner(Server server, String url, GivenSecrets given) throws StoreException {
        Endpoints endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of());
        return KeyVault.<StoreException>open(url, endpoints, given, () -> new AzureIdentity.ManagedIdentity(Optional.empty()));
    }

    @Test
    void secretsAreSetReadAndListedByTheOfficialClient() {
        try (Server server = Server.start(ServerConfig.local().withData(data))) {
            SecretClient vault = client(server, "lab");
            KeyVaultSecret first = vault.setSecret("sql-password", "one");
            KeyVaultSecret second = vault.setSecret(new KeyVaultSecret("SQL-password", "two").setProperties(new SecretProperties().setContentType("text/plain")
                    .setTags(Map.of("for", "tests"))));
            assertThat(vault.getSecret("sql-password").getValue()).isEqualTo("two");
            assertThat(vault.getSecret("sql-password").getProperties().getContentType()).isEqualTo("text/plain");
            assertThat(vault.getSecret("sql-password", first.getProperties().getVersion()).getValue()).isEqualTo("one");
            assertThat(vault.listPropertiesOfSecretVersions("sql-password")).extracting(SecretProperties::getVersion)
                    .containsExactlyInAnyOrder(first.getProperties().getVersion(), second.getProperties().getVersion());
            vault.setSecret("other", "three");
            assertThat(vault.listPropertiesOfSecrets()).extracting(SecretProperties::getName).containsExactlyInAnyOrder("other", "SQL-password");
            vault.updateSecretProperties(vault.getSecret("other").getProperties().setEnabled(false));
            assertThatThrownBy(() -> vault.getSecret("other")).isInstanceOf(HttpResponseException.class).hasMessageContaining("disabled");
            assertThatThrownBy(() -> vault.getSecret("nothing")).isInstanceOf(ResourceNotFoundException.class).hasMessageContaining("SecretNotFound");
            assertThatThrownBy(() -> vault.setSecret("no_underscore", "x")).isInstanceOf(HttpResponseException.class);
            assertThatThrownBy(() -> client(server, "lab2").getSecret("sql-password")).isInstanceOf(ResourceNotFoundException.class);
        }
        try (Server again = Server.start(ServerConfig.local().withData(data))) {
            assertThat(client(again, "lab").getSecret("sql-password").getValue()).isEqualTo("two");
        }
    }

    @Test
    void aRunReadsTheVaultOfTheNameAndWhatItIsGivenFirst() throws Exception {
        try (Server server = Server.start(ServerConfig.local())) {
            client(server, "lab").setSecret("key", "kept");
            assertThat(runner(server, "https://lab.vault.azure.net/", NOTHING).secret("key", Optional.empty())).isEqualTo("kept");
            assertThat(runner(server, "http://127.0.0.1:" + server.port() + "/vaults/lab", NOTHING).secret("KEY", Optional.empty())).isEqualTo("kept");
            assertThatThrownBy(() -> runner(server, "https://lab.vault.azure.net", NOTHING).secret("none", Optional.empty()))
                    .hasMessageContaining("Vault 'lab' has no secret 'none'").hasMessageContaining("CONSHELF_SECRET_NONE");
            var given = new GivenSecrets(Map.of("lab/key", "first", "key", "second"), Map.of("CONSHELF_SECRET_SQL_PASSWORD", "third"));
            assertThat(runner(server, "https://lab.vault.azure.net", given).secret("key", Optional.empty())).isEqualTo("first");
            assertThat(runner(server, "https://lab2.vault.azure.net", given).secret("key", Optional.empty())).isEqualTo("second");
            assertThat(runner(server, "https://lab2.vault.azure.net", given).secret("sql-password", Optional.empty())).isEqualTo("third");
            assertThat(given.toString()).doesNotContain("first");
        }
        Endpoints real = Endpoints.replacedBy(URI.create("https://c.kusto.windows.net"));
        assertThatThrownBy(() -> KeyVault.<StoreException>open("https://lab.vault.azure.net", real, NOTHING, () -> new AzureIdentity.ManagedIdentity(Optional.empty())))
                .hasMessageContaining("'live'");
    }
}

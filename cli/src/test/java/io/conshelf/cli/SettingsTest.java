package io.conshelf.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    private static final Path PAGE = Path.of("../docs/limits.md");
    private static final Pattern SETTING = Pattern.compile("\\*config\\* `(\\w+)`");

    @TempDir
    private Path folder;

    @Test
    void thePageTellsEveryLimitThatCanBeSet() throws IOException {
        var told = SETTING.matcher(Files.readString(PAGE)).results().map(match -> match.group(1)).toList();
        assertThat(told).containsExactlyInAnyOrderElementsOf(
                Arrays.stream(LimitSetting.values()).map(LimitSetting::text).toList());
    }

    @Test
    void everyLimitChangesWhatItNames() throws IOException {
        for (var setting : LimitSetting.values()) {
            // Where others would contradict it, none is far from its default.
            long number = switch (setting) {
                case TIMEOUT_MAX -> 3_599;
                case QUERY_TIMEOUT, COMMAND_TIMEOUT -> 77;
                case CONCURRENT_QUERIES, CONCURRENT_COMMANDS, WAITING_REQUESTS, WAIT, THREADS, CONCURRENT_REQUESTS, CONNECTIONS,
                    CONCURRENT_REQUESTS_OF_PRINCIPAL, REQUESTS_PER_MINUTE_OF_PRINCIPAL, REQUESTS_PER_MINUTE_OF_ADDRESS -> 77;
                case MEMORY, PROCESS_MEMORY -> 100 + (ServerConfig.local().engineLimits().memoryBytes() >> 20);
                case SPILL, RESULT_ROWS, RESULT_SIZE, STREAMING_REQUEST, FETCHED, REQUEST -> 77;
                case QUERY_TEXT -> 7_777;
            };
            var config = limits(setting.text() + ": " + number);
            var before = ServerConfig.local();
            assertThat(config.engineLimits().equals(before.engineLimits()) && config.limits().equals(before.limits()))
                    .as("'" + setting.text() + "' changes nothing").isFalse();
        }
    }

    @Test
    void limitsAreInTheUnitsOfTheirNames() throws IOException {
        var config = limits("resultRows: 10, resultMegabytes: 2, queryTimeoutSeconds: 30, requestMegabytes: 3, waitSeconds: 0");
        assertThat(config.engineLimits().resultRowsMax()).isEqualTo(10);
        assertThat(config.engineLimits().resultBytesMax()).isEqualTo(2 << 20);
        assertThat(config.engineLimits().queryTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.engineLimits().queryQueueWait()).isEqualTo(Duration.ZERO);
        assertThat(config.limits().requestBytesMax()).isEqualTo(3 << 20);
    }

    @Test
    void whatFollowsFromMemoryFollowsItUnlessItIsSet() throws IOException {
        assertThat(limits("memoryMegabytes: 256").engineLimits().spillBytesMax()).isEqualTo(1L << 30);
        assertThat(limits("spillMegabytes: 10, memoryMegabytes: 256").engineLimits().spillBytesMax()).isEqualTo(10L << 20);
        assertThat(limits("memoryMegabytes: 256").engineLimits().processMemoryBytesMax())
                .isLessThan(limits("memoryMegabytes: 512").engineLimits().processMemoryBytesMax());
    }

    @Test
    void aLowerMaximumLowersTheDefaults() throws IOException {
        var limits = limits("timeoutMaxSeconds: 60").engineLimits();
        assertThat(limits.queryTimeout()).isEqualTo(Duration.ofMinutes(1));
        assertThat(limits.commandTimeout()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void aLimitIsAWholeNumberInItsRange() {
        assertFails("resultRows: many", "'limits.resultRows' is a whole number from 1, found 'many'");
        assertFails("resultRows: 1.5", "found '1.5'");
        assertFails("threads: 0", "'limits.threads' is a whole number from 1 to 1024, found '0'");
        assertFails("connections: 99999999999999999999", "found '99999999999999999999'");
        assertFails("memoryMegabytes: 1", "'limits.memoryMegabytes' is a whole number from 128 to ");
    }

    @Test
    void anUnknownLimitIsRefusedWithTheKnownOnes() {
        assertFails("memory: 1", "unknown setting 'limits.memory'; known are commandTimeoutSeconds, concurrentCommands");
    }

    @Test
    void limitsThatContradictEachOtherAreRefused() {
        assertFails("queryTimeoutSeconds: 7200",
                "'limits.queryTimeoutSeconds' is 7200, more than 'limits.timeoutMaxSeconds', which is 3600");
        assertFails("memoryMegabytes: 2000, processMemoryMegabytes: 1000",
                "'limits.memoryMegabytes' is 2000, more than 'limits.processMemoryMegabytes', which is 1000");
    }

    @Test
    void limitsHaveNames() {
        assertThatThrownBy(() -> config("limits: 5")).isInstanceOf(CommandFailure.class).hasMessageContaining("found '5'");
    }

    @Test
    void accountsThatHaveNamesOfTheServiceAreAList() throws IOException {
        assertThat(stated("hostNames: [lab]").apply(ServerConfig.local()).accountHosts().names()).isEmpty();
        assertThat(stated("storageHosts: []").apply(ServerConfig.local()).accountHosts().names()).contains("conshelfblob.blob.core.windows.net").hasSize(3);
        assertThat(stated("storageHosts: [lab]").apply(ServerConfig.local()).accountHosts().names()).contains("lab.blob.core.windows.net").hasSize(4);
        assertThatThrownBy(() -> stated("storageHosts: [Lab]")).isInstanceOf(CommandFailure.class).hasMessageContaining("'Lab' is no name of a storage account");
        assertThatThrownBy(() -> stated("storageHosts: lab")).isInstanceOf(CommandFailure.class).hasMessageContaining("a list of names of accounts");
    }

    @Test
    void whatTheExplorerMayDoIsOneOfThreeWords() throws IOException {
        assertThat(stated("hostNames: [lab]").apply(ServerConfig.local()).explorer()).isEqualTo(ServerConfig.Explorer.READ);
        assertThat(stated("explorer: write").apply(ServerConfig.local()).explorer()).isEqualTo(ServerConfig.Explorer.WRITE);
        assertThat(stated("explorer: none").apply(ServerConfig.local()).explorer()).isEqualTo(ServerConfig.Explorer.NONE);
        assertThatThrownBy(() -> stated("explorer: all")).isInstanceOf(CommandFailure.class).hasMessageContaining("'explorer' is none, read or write, found 'all'");
    }

    @Test
    void whatHasSecretsIsKeptApartFromWhatCommandsMayRead() throws IOException {
        assertThat(stated("secretsFolder: /mnt/secrets").keptApart()).singleElement().satisfies(kept -> {
            assertThat(kept.path()).isEqualTo(Path.of("/mnt/secrets"));
            assertThat(kept.what()).contains("'secretsFolder'");
        });
        String account = "DefaultEndpointsProtocol=http;AccountName=lab;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/lab;QueueEndpoint=http://127.0.0.1:2/lab";
        for (String text : List.of("secrets: {password: x}", "storage: '" + account + "'")) {
            assertThat(stated(text).keptApart()).as(text).singleElement().satisfies(kept -> {
                assertThat(kept.path()).isEqualTo(folder.resolve("stated.yaml"));
                assertThat(kept.what()).contains("--config");
            });
        }
        for (String text : List.of("auth: none", "secrets: {}", "storage: UseDevelopmentStorage=true")) {
            assertThat(stated(text).keptApart()).as(text).isEmpty();
        }
    }

    @Test
    void furtherOriginsHaveASchemeAndAHost() throws IOException {
        assertThat(stated("hostNames: [lab]").apply(ServerConfig.local()).origins()).isEmpty();
        assertThat(stated("origins: [https://Lab.example, 'http://localhost:5173']").apply(ServerConfig.local()).origins())
                .extracting(Object::toString).containsExactlyInAnyOrder("https://lab.example", "http://localhost:5173");
        for (String none : List.of("lab.example", "https://lab.example/", "https://lab.example/portal", "ftp://lab.example", "https://", "'*'", "'null'")) {
            assertRefused("origins: [" + none + "]\n", "'origins' has", "such as https://lab.example:8443");
        }
    }

    @Test
    void theStorageIsAConnectionStringOrTheNameOfASecretThatIsOne() throws IOException {
        String account = "DefaultEndpointsProtocol=http;AccountName=lab;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:1/lab;QueueEndpoint=http://127.0.0.1:2/lab";
        assertThat(stated("storage: '" + account + "'").storage().orElseThrow()).hasToString("http://127.0.0.1:1/lab");
        assertThat(stated("storage: UseDevelopmentStorage=true").storage().orElseThrow()).hasToString("http://127.0.0.1:10000/devstoreaccount1");
        Settings named = stated("storage: account\nsecrets: {account: '" + account + "'}");
        assertThat(named.storage().orElseThrow()).hasToString("http://127.0.0.1:1/lab");
        assertThat(named.toString()).doesNotContain("a2V5");
    }

    @Test
    void aStorageThatCannotBeReachedIsRefusedWithoutItsKey() {
        String elsewhere = "AccountName=lab;AccountKey=a2V5;EndpointSuffix=core.windows.net";
        assertThatThrownBy(() -> stated("storage: '" + elsewhere + "'")).isInstanceOf(CommandFailure.class)
                .hasMessageContaining("'lab.blob.core.windows.net' is not on this machine").hasMessageNotContaining("a2V5");
        assertThatThrownBy(() -> stated("storage: nowhere")).isInstanceOf(CommandFailure.class).hasMessageContaining("nor the name of a secret");
        assertThatThrownBy(() -> stated("storage: 'AccountName=lab;AccountKey=a2V5;BlobEndpoint=none of it'")).isInstanceOf(CommandFailure.class)
                .hasMessageContaining("no such connection string").hasMessageNotContaining("a2V5");
    }

    @Test
    void nothingThatIsStatedIsPassedOver() throws IOException {
        assertThat(stated("live: https://help.kusto.windows.net").live()).containsExactly("https://help.kusto.windows.net");
        assertThat(stated("allowedFolders: /data").allowedFolders()).containsExactly(Path.of("/data"));
        assertThat(stated("live:\n#  - https://help.kusto.windows.net\n").live()).isEmpty();
        assertThat(stated("# nothing yet\n").live()).isEmpty();
        assertRefused("- live\n", "settings are names with a value each", "found a list");
        assertRefused("live", "settings are names with a value each", "found 'live'");
        assertRefused("auth: entra\nauth: none\n", "'auth'");
        assertRefused("auth:\n", "'auth' is one value, found none");
        assertRefused("live: {host: help}\n", "'live' is a list of texts");
        assertRefused("hostNames: [[a]]\n", "'hostNames' is a list of texts");
        assertRefused("signIn: 72f988bf-86f1-41af-91ab-2d7cd011db47\n", "'signIn' has 'tenant'");
        assertRefused("signIn: {metadataService: 'yes'}\n", "is true or false, found 'yes'");
        assertRefused("signIn: {tenant: {id: t, audiences: ['https://lab\"']}}\n", "'signIn.tenant.audiences' are what tokens are for", "https://lab");
    }

    @Test
    void theAudiencesOfATenantAreThoseThatAreStated() throws IOException {
        assertThat(stated("signIn: {tenant: {id: t}}").signIn().tenant().orElseThrow().audiences()).isEmpty();
        assertThat(stated("signIn: {tenant: {id: t, audiences: [https://lab.westeurope.kusto.windows.net, api://lab]}}").signIn().tenant().orElseThrow().audiences())
                .containsExactly("https://lab.westeurope.kusto.windows.net", "api://lab");
    }

    private void assertRefused(String text, String... why) {
        assertThatThrownBy(() -> stated(text)).as(text).isInstanceOf(CommandFailure.class).hasMessageContaining("stated.yaml").hasMessageContainingAll(why);
    }

    private Settings stated(String text) throws IOException {
        return Settings.read(Optional.of(Files.writeString(folder.resolve("stated.yaml"), text)));
    }

    @Test
    void whoSignsInForDeadLettersHasANameAndAPassword() throws IOException {
        for (String half : List.of("user: me", "password: broker-password")) {
            Path file = Files.writeString(folder.resolve("half.yaml"), "deadLetters: {address: 'mqtt://broker/plant/dead', " + half + "}");
            assertThatThrownBy(() -> Settings.read(Optional.of(file))).isInstanceOf(CommandFailure.class).hasMessageContaining("deadLetters.user")
                    .hasMessageContaining("deadLetters.password");
        }
    }

    private void assertFails(String limits, String message) {
        assertThatThrownBy(() -> limits(limits)).isInstanceOf(CommandFailure.class).hasMessageContaining(message);
    }

    private ServerConfig limits(String limits) throws IOException {
        return config("limits: {" + limits + "}");
    }

    private ServerConfig config(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("settings.yaml"), text);
        return Settings.read(Optional.of(file)).apply(ServerConfig.local());
    }
}

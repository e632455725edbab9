package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a data folder shows of secrets: of definitions, of vaults, and of those who sign in.
class SecretsAtRestTest {
    private static final String SECRET = "s3cret-that-stands-nowhere";
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    private UpProcess up() {
        return UpProcess.start(folder, folder.resolve("allowed"), "--data", folder.resolve("data").toString());
    }

    private static HttpResponse<String> vault(UpProcess up, String method, String body) throws Exception {
        return CLIENT.send(HttpRequest.newBuilder(URI.create(up.url() + "/vaults/lab/secrets/key?api-version=7.5")).header("Authorization", "Bearer x")
                .header("Content-Type", "application/json").method(method, BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
    }

    @Test
    void secretsStandInNoFileInClearAndAreThereAgain() throws Exception {
        try (UpProcess up = up()) {
            FactoryRest factory = new FactoryRest(up.url(), "kept");
            factory.put("", "{\"location\":\"local\"}");
            factory.pipeline("p", """
                    {"parameters":{"key":{"type":"SecureString","defaultValue":"%s"}},"variables":{"n":{"type":"String"}},"activities":[
                     {"name":"Sized","type":"SetVariable","typeProperties":{"variableName":"n","value":"@string(length(pipeline().parameters.key))"}}]}"""
                    .formatted(SECRET));
            factory.awaitEnd(factory.run("p", "{}"));
            assertThat(vault(up, "PUT", "{\"value\": \"" + SECRET + "\"}").statusCode()).isEqualTo(200);
            assertThat(filesWithTheSecret()).as("while it runs").isEmpty();
        }
        assertThat(filesWithTheSecret()).as("after a clean stop").isEmpty();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("data/storage.key")))).isEqualTo("rw-------");
        try (UpProcess up = up()) {
            FactoryRest factory = new FactoryRest(up.url(), "kept");
            String run = factory.run("p", "{}");
            factory.awaitEnd(run);
            assertThat(factory.activity(run, "Sized").at("/output/value").asText()).isEqualTo(String.valueOf(SECRET.length()));
            assertThat(vault(up, "GET", "").body()).contains(SECRET);
        }

        Files.move(folder.resolve("data/storage.key"), folder.resolve("elsewhere"));
        assertThatThrownBy(this::up).hasMessageContaining("'storage.key'");
    }

    private List<Path> filesWithTheSecret() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("data"))) {
            return files.filter(Files::isRegularFile).filter(file -> {
                try {
                    return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(SECRET);
                } catch (IOException gone) {
                    return false;
                }
            }).toList();
        }
    }
}

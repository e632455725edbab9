package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// `conshelf app`: who may sign in to a cluster that was started with `--auth entra`.
@Command(
        name = "app",
        description = "Registers who may sign in to a cluster with --auth entra.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "You sign in yourself with AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; those of the administrator are in",
            "administrator.env of the data folder after the first start.",
            "",
            "Examples:",
            "  conshelf app create loader",
            "  conshelf app create factory --id 7fdcc2be-70b8-4c6e-a4d4-2f3a3c8b6f0e --secret-from FACTORY_SECRET",
            "  conshelf app create nightly --identity",
            "  conshelf app create signed --certificate signed.pem",
        })
final class AppCommand implements Runnable {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Spec
    private CommandSpec spec;

    @Option(names = "--cluster", paramLabel = "URL", description = "the running cluster (default: ${DEFAULT-VALUE})",
            defaultValue = "http://localhost:8080", scope = ScopeType.INHERIT)
    private String cluster;

    @Option(names = "--json", description = "prints what the cluster answers", scope = ScopeType.INHERIT)
    private boolean isJson;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: create, list or delete");
    }

    @Command(mixinStandardHelpOptions = true, description = "Registers an application, or with --identity a managed identity; its secret is printed this once.")
    void create(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--identity", description = "a user-assigned managed identity, which needs no secret") boolean isIdentity,
            @Option(names = "--id", paramLabel = "GUID", description = "the client id that definitions name; otherwise a new one") Optional<String> id,
            @Option(names = "--tenant", paramLabel = "TENANT", description = "the tenant that definitions name; otherwise the cluster's own")
                    Optional<String> tenant,
            @Option(names = "--secret-from", paramLabel = "VARIABLE", description = "the environment variable that holds the secret; otherwise a new one")
                    Optional<String> secretFrom,
            @Option(names = "--certificate", paramLabel = "FILE", description = "a certificate as PEM, with whose key it signs in in place of a secret")
                    Optional<Path> certificate) {
        var wish = JSON.createObjectNode().put("name", name).put("kind", isIdentity ? "UserAssigned" : "Application");
        id.ifPresent(value -> wish.put("appId", value));
        tenant.ifPresent(value -> wish.put("tenant", value));
        secretFrom.ifPresent(variable -> wish.put("secret", SignInService.secretFrom(variable)));
        certificate.ifPresent(file -> wish.put("certificate", read(file)));
        JsonNode made = ask("POST", "/v1/rest/applications", wish.toString());
        if (isJson) {
            System.out.println(made);
            return;
        }
        if (isIdentity) {
            System.out.println("AZURE_CLIENT_ID=" + made.path("appId").asText());
        } else {
            System.out.println("AZURE_TENANT_ID=" + made.path("tenant").asText());
            System.out.println("AZURE_CLIENT_ID=" + made.path("appId").asText());
            if (secretFrom.isEmpty() && made.has("secret")) {
                System.out.println("AZURE_CLIENT_SECRET=" + made.path("secret").asText());
            }
        }
        System.err.println("conshelf: it may do nothing yet; grant it something, for example:");
        System.err.println("  .add database NetDefaultDB ingestors ('" + made.path("principal").asText() + "')");
        if (!isIdentity && made.has("secret")) {
            System.err.println("conshelf: clients sign in with these, by https (conshelf up --tls, conshelf cert):");
            CLIENTS.forEach(line -> System.err.println("  " + line));
        }
    }

    /// What clients are told. They know no authority but the cloud's, which they would ask first; of one that they take for AD FS they
    /// ask nothing first, and the cluster answers under that name for every tenant.
    private static final List<String> CLIENTS = List.of(
            "Java    ConnectionStringBuilder.createWithAadApplicationCredentials(URL, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, \"adfs\")",
            "Python  KustoConnectionStringBuilder.with_aad_application_key_authentication(URL, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, \"adfs\")",
            "Node    KustoConnectionStringBuilder.withAadApplicationKeyAuthentication(URL, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, \"adfs\")",
            "Go      kusto.NewConnectionStringBuilder(URL).WithAadAppKey(AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, \"adfs\")",
            "azure-identity  ClientSecretCredential(AZURE_TENANT_ID, …, authority=\"https://HOST:PORT\", disable_instance_discovery=True)");

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new CommandFailure("cannot read the certificate " + file + ": " + e.getMessage(), e);
        }
    }

    @Command(mixinStandardHelpOptions = true, description = "Lists who is registered.")
    void list() {
        JsonNode answer = ask("GET", "/v1/rest/applications", "");
        if (isJson) {
            System.out.println(answer.path("value"));
            return;
        }
        answer.path("value").forEach(app -> System.out.printf("%-14s  %-36s  %-30s  %s%n", app.path("kind").asText(), app.path("appId").asText(),
                app.path("tenant").asText(), app.path("name").asText()));
    }

    @Command(mixinStandardHelpOptions = true, description = "Takes one away; tokens that it has are refused from then on.")
    void delete(@Parameters(paramLabel = "GUID") String id) {
        ask("DELETE", "/v1/rest/applications/" + RunningServer.segment(id), "");
    }

    private JsonNode ask(String method, String path, String body) {
        return new SignInService(cluster).ask(method, path, body);
    }
}

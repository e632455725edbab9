package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// `conshelf user`: the people who may sign in to a cluster that was started with `--auth entra`.
@Command(
        name = "user",
        description = "Makes accounts of people, for a cluster with --auth entra.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "You sign in yourself with AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET, as with conshelf app.",
            "",
            "Examples:",
            "  conshelf user create anna@contoso.com",
            "  conshelf user password anna@contoso.com --password-from ANNAS_PASSWORD",
        })
final class UserCommand implements Runnable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PASSWORD_BYTES = 15;

    @Spec
    private CommandSpec spec;

    @Option(names = "--cluster", paramLabel = "URL", description = "the running cluster (default: ${DEFAULT-VALUE})",
            defaultValue = "http://localhost:8080", scope = ScopeType.INHERIT)
    private String cluster;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: create, password, list or delete");
    }

    @Command(mixinStandardHelpOptions = true, description = "Makes an account; a password that was not given is printed this once.")
    void create(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--password-from", paramLabel = "VARIABLE", description = "the environment variable that holds the password; otherwise a new one")
                    Optional<String> passwordFrom) {
        String password = password(passwordFrom);
        JsonNode made = ask("POST", "/v1/rest/users", JSON.createObjectNode().put("name", name).put("password", password).toString());
        if (passwordFrom.isEmpty()) {
            System.out.println(password);
        }
        System.err.println("conshelf: they may do nothing yet; grant them something, for example:");
        System.err.println("  .add database NetDefaultDB viewers ('" + made.path("principal").asText() + "')");
    }

    @Command(mixinStandardHelpOptions = true, description = "Gives an account another password; one that was not given is printed this once.")
    void password(
            @Parameters(paramLabel = "NAME") String name,
            @Option(names = "--password-from", paramLabel = "VARIABLE", description = "the environment variable that holds the password; otherwise a new one")
                    Optional<String> passwordFrom) {
        String password = password(passwordFrom);
        ask("PUT", "/v1/rest/users/" + RunningServer.segment(name), JSON.createObjectNode().put("password", password).toString());
        if (passwordFrom.isEmpty()) {
            System.out.println(password);
        }
    }

    @Command(mixinStandardHelpOptions = true, description = "Lists the accounts.")
    void list() {
        ask("GET", "/v1/rest/users", "").path("value").forEach(user ->
                System.out.printf("%-40s  %s%n", user.path("name").asText(), user.path("principal").asText()));
    }

    @Command(mixinStandardHelpOptions = true, description = "Takes an account away; its tokens are refused from then on.")
    void delete(@Parameters(paramLabel = "NAME") String name) {
        ask("DELETE", "/v1/rest/users/" + RunningServer.segment(name), "");
    }

    private static String password(Optional<String> variable) {
        if (variable.isPresent()) {
            return SignInService.secretFrom(variable.get());
        }
        byte[] bytes = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private JsonNode ask(String method, String path, String body) {
        return new SignInService(cluster).ask(method, path, body);
    }
}

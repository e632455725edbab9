package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// `conshelf up --tls`, and what its clients set to reach it.
///
/// @param trust         what `conshelf cert` prints
/// @param administrator who may do everything, where the cluster asks for names
record SecureUp(UpProcess up, Map<String, String> trust, Map<String, String> administrator) implements AutoCloseable {
    private static final Pattern SETTING = Pattern.compile("^export (\\w+)='?(.*?)'?$", Pattern.MULTILINE);

    static SecureUp start(Path folder, String... options) throws IOException, InterruptedException {
        return start(folder, List.of(), options);
    }

    /// @param settings lines of the configuration
    static SecureUp start(Path folder, List<String> settings, String... options) throws IOException, InterruptedException {
        Path data = folder.resolve("data");
        List<String> all = new ArrayList<>(List.of("--data", data.toString(), "--tls", "--database", "Lab"));
        all.addAll(List.of(options));
        UpProcess up = UpProcess.start(folder, Files.createDirectories(folder.resolve("allowed")), Map.of(), settings, all.toArray(String[]::new));
        Path administrator = data.resolve("administrator.env");
        return new SecureUp(up, trust(folder, data), Files.exists(administrator) ? variables(administrator) : Map.of());
    }

    static Map<String, String> trust(Path folder, Path data) throws IOException, InterruptedException {
        Path printed = folder.resolve("cert.out");
        Process cert = UpProcess.command(List.of("cert", "--data", data.toString())).redirectOutput(printed.toFile()).start();
        assertThat(cert.waitFor(2, TimeUnit.MINUTES) && cert.exitValue() == 0).isTrue();
        var settings = new HashMap<String, String>();
        SETTING.matcher(Files.readString(printed)).results().forEach(line -> settings.put(line.group(1), line.group(2)));
        assertThat(settings).containsKeys("JAVA_TOOL_OPTIONS", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE");
        return settings;
    }

    private static Map<String, String> variables(Path file) throws IOException {
        return Files.readAllLines(file).stream().filter(line -> !line.startsWith("#"))
                .collect(Collectors.toMap(line -> line.substring(0, line.indexOf('=')), line -> line.substring(line.indexOf('=') + 1)));
    }

    /// For a client that signs in with the secret of the administrator.
    Map<String, String> signingIn() {
        var environment = new HashMap<>(trust);
        environment.putAll(administrator);
        // The one authority of which the sign-in libraries ask nobody else whether it is one.
        environment.put("AZURE_TENANT_ID", "adfs");
        // Node's client takes the host of the authority from here and not from the cluster.
        environment.put("AZURE_AUTHORITY_HOST", up.secureUrl());
        return environment;
    }

    @Override
    public void close() {
        up.close();
    }
}

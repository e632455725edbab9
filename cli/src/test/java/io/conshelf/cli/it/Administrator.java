package io.conshelf.cli.it;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Who may do everything at a cluster that asks for names, by what its first start leaves in its folder.
///
/// @param variables those of the environment that the official clients read
record Administrator(String url, Map<String, String> variables) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static Administrator of(UpProcess up, Path data) throws IOException {
        return new Administrator(up.url(), Files.readAllLines(data.resolve("administrator.env")).stream().filter(line -> !line.startsWith("#"))
                .collect(Collectors.toMap(line -> line.substring(0, line.indexOf('=')), line -> line.substring(line.indexOf('=') + 1))));
    }

    String id() {
        return variables.get("AZURE_CLIENT_ID");
    }

    String secret() {
        return variables.get("AZURE_CLIENT_SECRET");
    }

    /// @param resource for which the token is, as `https://management.azure.com`
    String token(String resource) throws IOException {
        String form = "grant_type=client_credentials&client_id=" + id() + "&client_secret=" + URLEncoder.encode(secret(), StandardCharsets.UTF_8)
                + "&scope=" + URLEncoder.encode(resource + "/.default", StandardCharsets.UTF_8);
        var request = new RequestText("POST", "/" + variables.get("AZURE_TENANT_ID") + "/oauth2/v2.0/token", 200, List.of("Content-Type: application/x-www-form-urlencoded"),
                form.getBytes(StandardCharsets.UTF_8));
        return JSON.readTree(Exchange.of(url, request.bytes()).body()).path("access_token").asText();
    }
}

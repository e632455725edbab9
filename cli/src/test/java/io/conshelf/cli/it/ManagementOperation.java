package io.conshelf.cli.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Something that a service beside the cluster does when it is asked, as `management/operations.txt` lists it.
///
/// @param audience what a token for it is for
record ManagementOperation(String audience, RequestText request) {
    private static final String GROUP = "/subscriptions/s/resourceGroups/g";
    private static final Map<String, String> PLACES = Map.of(
            "{rg}", GROUP, "{f}", GROUP + "/providers/Microsoft.DataFactory/factories/lab", "{job}", GROUP + "/providers/Microsoft.StreamAnalytics/streamingjobs/job",
            "{location}", "/subscriptions/s/providers/Microsoft.StreamAnalytics/locations/eastus",
            "{plant}", GROUP + "/providers/Microsoft.IoTOperationsDataProcessor/instances/plant");

    static List<ManagementOperation> all() throws IOException {
        List<ManagementOperation> read = new ArrayList<>();
        try (InputStream text = ManagementOperation.class.getResourceAsStream("/management/operations.txt")) {
            String[] service = new String[0];
            for (String line : new String(text.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
                if (line.startsWith("## ")) {
                    service = line.split(" ");
                } else if (!line.startsWith("#") && !line.isBlank()) {
                    String[] parts = line.split(" ", 3);
                    read.add(of(service[1], parts[0], placed(parts[1]) + "?" + service[3], parts.length > 2 ? parts[2] : ""));
                }
            }
        }
        return read;
    }

    static ManagementOperation of(String audience, String method, String target, String body) {
        return new ManagementOperation(audience, new RequestText(method, target, 200, List.of("Content-Type: application/json"), body.getBytes(StandardCharsets.UTF_8)));
    }

    private static String placed(String target) {
        String placed = target;
        for (Map.Entry<String, String> place : PLACES.entrySet()) {
            placed = placed.replace(place.getKey(), place.getValue());
        }
        return placed;
    }

    String method() {
        return request.method();
    }

    String target() {
        return request.target();
    }

    RequestText signed(String token) {
        List<String> headers = new ArrayList<>(request.headers());
        if (!token.isEmpty()) {
            headers.add("Authorization: Bearer " + token);
        }
        return request.withHeaders(headers);
    }

    Exchange ask(String url, String token) {
        return Exchange.of(url, signed(token).bytes());
    }
}

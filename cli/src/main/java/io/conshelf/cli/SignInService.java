package io.conshelf.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.ClusterRest;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCredential;
import java.net.URI;
import java.util.Optional;

/// Who may sign in to a running cluster, as its administrators ask and change it.
///
/// @param cluster its address
record SignInService(String cluster) {
    JsonNode ask(String method, String path, String body) {
        try {
            return ClusterRest.of(Endpoints.replacedBy(URI.create(cluster)).resolve(cluster), KustoCredential.of(System.getenv())).ask(method, path, body);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("'" + cluster + "' is not the address of a cluster: " + e.getMessage(), e);
        } catch (StoreException e) {
            throw new CommandFailure(ClusterClient.explanation(e, cluster), e);
        }
    }

    /// A secret or password that an environment variable holds, so that it stands in no list of processes.
    static String secretFrom(String variable) {
        return Optional.ofNullable(System.getenv(variable)).filter(value -> !value.isEmpty())
                .orElseThrow(() -> new CommandFailure("the environment variable '" + variable + "' is not set"));
    }
}

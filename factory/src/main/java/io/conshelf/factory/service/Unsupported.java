package io.conshelf.factory.service;

import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.connectors.management.Refusal;
import java.util.Locale;
import java.util.Map;

/// The operations of the interface that are not built, and why.
final class Unsupported {
    private static final String DATA_FLOWS = "data flows are not run yet";
    private static final String RUNTIMES = "there is one integration runtime, this process, and nothing to manage of it";
    private static final String NETWORKS = "there are no networks to manage here";

    /// By the operation, or by the kind of resource in front of a slash.
    private static final Map<String, String> WHY = Map.ofEntries(
            Map.entry("configurefactoryrepo", "a factory is not connected to a repository; './conshelf pipeline publish' takes a folder of one"),
            Map.entry("getfeaturevalue", "there are no feature switches"),
            Map.entry("queryfeaturesvalue", "there are no feature switches"),
            Map.entry("getdataplaneaccess", "there is no data plane beside this one"),
            Map.entry("getgithubaccesstoken", "a factory is not connected to a repository"),
            Map.entry("createdataflowdebugsession", DATA_FLOWS),
            Map.entry("adddataflowtodebugsession", DATA_FLOWS),
            Map.entry("executedataflowdebugcommand", DATA_FLOWS),
            Map.entry("querydataflowdebugsessions", DATA_FLOWS),
            Map.entry("deletedataflowdebugsession", DATA_FLOWS),
            Map.entry("integrationruntimes/", RUNTIMES),
            Map.entry("adfcdcs", "change data capture is not built"),
            Map.entry("managedvirtualnetworks", NETWORKS),
            Map.entry("privateendpointconnections", NETWORKS),
            Map.entry("privatelinkresources", NETWORKS));

    private Unsupported() {}

    static Refusal operation(ManagementRequest request, String operation) {
        String name = operation.toLowerCase(Locale.ROOT);
        String kind = name.contains("/") ? name.substring(0, name.indexOf('/')) : name;
        for (String key : new String[] {name, kind + "/", kind}) {
            if (WHY.containsKey(key)) {
                return Refusal.notSupported(request.rawPath(), "'" + operation + "' is not supported yet: " + WHY.get(key) + ".");
            }
        }
        return Refusal.noPath(request.method(), request.rawPath());
    }
}

package io.conshelf.server.management;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/// `GET /providers/Microsoft.Kusto/operations`: what may be asked of this provider, by the names that roles of Azure give it.
final class ProviderOperations {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Map<String, String> VERBS = Map.of("read", "Get or list", "write", "Make or change", "delete", "Delete");

    private ProviderOperations() {}

    static List<ObjectNode> all() {
        return List.of(
                one("Clusters", "read"), one("Clusters", "write"), one("Clusters", "delete"), action("Locations", "CheckNameAvailability"),
                action("Clusters", "CheckNameAvailability"), action("Clusters", "CheckPrincipalAssignmentNameAvailability"), action("Clusters", "ListFollowerDatabases"),
                one("Clusters/PrincipalAssignments", "read"), one("Clusters/PrincipalAssignments", "write"), one("Clusters/PrincipalAssignments", "delete"),
                one("Clusters/Databases", "read"), one("Clusters/Databases", "write"), one("Clusters/Databases", "delete"),
                action("Clusters/Databases", "CheckNameAvailability"), action("Clusters/Databases", "CheckPrincipalAssignmentNameAvailability"),
                action("Clusters/Databases", "ListPrincipals"), action("Clusters/Databases", "AddPrincipals"), action("Clusters/Databases", "RemovePrincipals"),
                one("Clusters/Databases/PrincipalAssignments", "read"), one("Clusters/Databases/PrincipalAssignments", "write"),
                one("Clusters/Databases/PrincipalAssignments", "delete"), one("Clusters/Databases/DataConnections", "read"),
                one("Clusters/Databases/DataConnections", "write"), one("Clusters/Databases/DataConnections", "delete"), one("Locations/OperationResults", "read"),
                one("Operations", "read"));
    }

    private static ObjectNode one(String resource, String verb) {
        return described(resource + "/" + verb, resource, VERBS.getOrDefault(verb, verb) + " " + resource);
    }

    private static ObjectNode action(String resource, String name) {
        return described(resource + "/" + name + "/action", resource, name);
    }

    private static ObjectNode described(String name, String resource, String operation) {
        ObjectNode one = JSON.createObjectNode().put("name", "Microsoft.Kusto/" + name).put("isDataAction", false).put("origin", "user,system");
        one.putObject("display").put("provider", "Microsoft Azure Data Explorer").put("resource", resource).put("operation", operation).put("description", operation);
        return one;
    }
}

package io.conshelf.factory.definition;

import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// A pipeline that is ready to run.
public record Pipeline(String name, Map<String, Parameter> parameters, Map<String, Parameter> variables, List<Activity> activities, Located properties) {

    public static Pipeline read(Resource resource, Consumer<Problem> problems) {
        Located properties = resource.properties();
        Map<String, Parameter> variables = Parameter.readAll(properties.at("variables"), problems);
        return new Pipeline(resource.name(), Parameter.readAll(properties.at("parameters"), problems), variables,
                Activity.readAll(properties.at("activities"), problems), properties);
    }
}

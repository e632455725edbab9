package io.conshelf.factory.activity;

import static io.conshelf.factory.activity.ActivityType.activity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.factory.definition.Activity;
import io.conshelf.factory.expression.Evaluator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Activities that choose which others run.
final class BranchActivities {
    private static final int CASES_MAX = 25;

    static final List<ActivityType> ALL = List.of(
            activity("IfCondition").needs("expression").holds("ifTrueActivities").holds("ifFalseActivities").runs(BranchActivities::ifCondition),
            // The API's key is `on`; the article prints `expression`.
            activity("Switch").takes("on", "expression").takesLazily("cases").takesLazily("defaultActivities")
                    .holds(BranchActivities::switchLists).checks(BranchActivities::checkSwitch).runs(BranchActivities::switchOn));

    private BranchActivities() {}

    private static JsonNode ifCondition(ActivityContext context) throws ActivityFailure, InterruptedException {
        Located expression = context.properties().at("expression");
        if (!expression.value().isBoolean()) {
            throw ActivityFailure.user("InvalidTemplate", "'" + expression.path() + "' is to be true or false, found " + expression.value());
        }
        return run(context, context.activity().typeProperties().at(expression.value().booleanValue() ? "ifTrueActivities" : "ifFalseActivities"));
    }

    private static List<Located> switchLists(Activity activity) {
        List<Located> lists = new ArrayList<>();
        activity.typeProperties().at("cases").items().forEach(branch -> lists.add(branch.at("activities")));
        lists.add(activity.typeProperties().at("defaultActivities"));
        return lists.stream().filter(Located::isPresent).toList();
    }

    private static void checkSwitch(Activity activity, Consumer<Problem> problems) {
        Located properties = activity.typeProperties();
        if (!properties.at("on").isPresent() && !properties.at("expression").isPresent()) {
            problems.accept(properties.at("on").problem("a Switch needs 'on'"));
        }
        if (properties.at("cases").items().size() > CASES_MAX) {
            problems.accept(properties.at("cases").problem("a Switch has at most " + CASES_MAX + " cases, found " + properties.at("cases").items().size()));
        }
    }

    private static JsonNode switchOn(ActivityContext context) throws ActivityFailure, InterruptedException {
        Located on = context.properties().at("on").isPresent() ? context.properties().at("on") : context.properties().at("expression");
        String value = Evaluator.text(on.value());
        for (Located branch : context.activity().typeProperties().at("cases").items()) {
            if (branch.at("value").value().asText().equals(value)) {
                return run(context, branch.at("activities"));
            }
        }
        return run(context, context.activity().typeProperties().at("defaultActivities"));
    }

    private static JsonNode run(ActivityContext context, Located activities) throws ActivityFailure, InterruptedException {
        Optional<ActivityContext.Failure> failure = context.run(activities, Optional.empty()).failure();
        if (failure.isPresent()) {
            throw LoopActivities.innerFailure(failure.get());
        }
        return JsonNodeFactory.instance.objectNode();
    }
}

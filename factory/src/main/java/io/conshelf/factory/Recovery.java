package io.conshelf.factory;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.factory.definition.Activity;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// What a rerun takes over from an earlier run of its group.
///
/// Only what moves or asks data is not done again; activities that steer the run are, so that variables, branches and loops come out as
/// they must. Something is taken over when it succeeded and nothing it depends on is done again.
public final class Recovery {
    private static final Set<String> STEERING = Set.of("foreach", "until", "ifcondition", "switch", "filter", "wait", "fail", "setvariable",
            "appendvariable", "executepipeline", "validation");

    private final String groupId;
    private final Mode mode;
    private final Optional<String> startActivity;
    private final Function<String, Collection<Earlier>> runs;
    private final Map<String, Earlier> earlier = new HashMap<>();

    /// An activity run of an earlier run.
    ///
    public record Earlier(String activityName, String iterationHash, String status, JsonNode output) {}

    private enum Mode { EVERYTHING, FROM_FAILURE, FROM_ACTIVITY }

    private Recovery(Mode mode, String runId, String groupId, Optional<String> startActivity, Function<String, Collection<Earlier>> runs) {
        this.mode = mode;
        this.groupId = groupId;
        this.startActivity = startActivity;
        this.runs = runs;
        runs.apply(runId).forEach(run -> earlier.put(key(run.activityName(), run.iterationHash()), run));
    }

    /// Does everything again, in the run group of the earlier run.
    ///
    /// @param runId the run to take over from
    /// @param runs  the activity runs of a run, oldest first
    public static Recovery everything(String runId, String groupId, Function<String, Collection<Earlier>> runs) {
        return new Recovery(Mode.EVERYTHING, runId, groupId, Optional.empty(), runs);
    }

    /// Starts at what failed.
    public static Recovery fromFailure(String runId, String groupId, Function<String, Collection<Earlier>> runs) {
        return new Recovery(Mode.FROM_FAILURE, runId, groupId, Optional.empty(), runs);
    }

    /// Starts at this activity and does everything behind it again.
    public static Recovery from(String activity, String runId, String groupId, Function<String, Collection<Earlier>> runs) {
        return new Recovery(Mode.FROM_ACTIVITY, runId, groupId, Optional.of(activity), runs);
    }

    String groupId() {
        return groupId;
    }

    /// For a run that an activity of this one starts.
    ///
    /// @param mayReuse whether what the earlier run of it brought may be taken over
    Optional<Recovery> ofChild(Activity activity, Optional<String> iteration, boolean mayReuse) {
        return Optional.ofNullable(earlier.get(key(activity.name(), iteration.orElse(""))))
                .map(run -> run.output().path("pipelineRunId").asText()).filter(id -> !id.isEmpty())
                .map(id -> new Recovery(mayReuse ? Mode.FROM_FAILURE : Mode.EVERYTHING, id, groupId, Optional.empty(), runs));
    }

    /// The activities of a list whose dependencies all stand as they did: those that may be taken over, and those that steer.
    Set<String> unchanged(List<Activity> list, Optional<String> iteration) {
        Set<String> unchanged = new HashSet<>();
        boolean hasMoved = mode != Mode.EVERYTHING;
        while (hasMoved) {
            hasMoved = false;
            for (Activity activity : list) {
                boolean isStart = startActivity.filter(activity.name()::equalsIgnoreCase).isPresent();
                boolean stands = !isStart && activity.dependencies().stream().allMatch(dependency ->
                        unchanged.contains(dependency.activity()) && isDone(dependency.activity(), iteration));
                hasMoved |= stands && unchanged.add(activity.name());
            }
        }
        return unchanged;
    }

    private boolean isDone(String activity, Optional<String> iteration) {
        Earlier run = earlier.get(key(activity, iteration.orElse("")));
        return run != null && (run.status().equals(Status.SUCCEEDED.title()) || run.status().equals(Status.SKIPPED.title())
                || run.status().equals(Status.INACTIVE.title()));
    }

    /// Whether an activity's work was done in the earlier run, whatever becomes of it.
    boolean hasSucceeded(Activity activity, Optional<String> iteration) {
        Earlier run = earlier.get(key(activity.name(), iteration.orElse("")));
        return !isSteering(activity) && run != null && run.status().equals(Status.SUCCEEDED.title());
    }

    private static boolean isSteering(Activity activity) {
        return STEERING.contains(activity.type().toLowerCase(Locale.ROOT));
    }

    /// What an activity brought in the earlier run, where that still holds.
    Optional<Earlier> reusable(Activity activity, Optional<String> iteration) {
        // What a record hides is not kept and cannot be taken over.
        if (isSteering(activity) || activity.policy().hidesOutput()) {
            return Optional.empty();
        }
        return Optional.ofNullable(earlier.get(key(activity.name(), iteration.orElse(""))))
                .filter(run -> run.status().equals(Status.SUCCEEDED.title()));
    }

    private static String key(String activity, String iteration) {
        return activity.toLowerCase(Locale.ROOT) + "/" + iteration;
    }
}

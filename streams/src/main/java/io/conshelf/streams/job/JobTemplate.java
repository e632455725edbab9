package io.conshelf.streams.job;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.ArmTemplate;
import io.conshelf.connectors.definition.ArmTemplate.Deployed;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.definition.Reading;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Takes the job out of an ARM template: inputs, outputs, functions and the transformation may stand in it, or be resources of their own.
final class JobTemplate implements ArmTemplate.Receiver {
    private static final String JOB = "microsoft.streamanalytics/streamingjobs";

    private static final String MISSING = "is missing";
    private static final Pattern PARAMETER = Pattern.compile("parameters?\\(?\\s*'([^']+)'");

    private final List<Deployed> jobs = new ArrayList<>();
    private final List<Deployed> children = new ArrayList<>();
    private final List<Problem> remarks = new ArrayList<>();

    private JobTemplate() {}

    static ProjectReading read(Path file, ArmTemplate.Given given) throws InvalidDefinitionException {
        ArmTemplate template = ArmTemplate.open(file, given, Reading.STRICT);
        JobTemplate taken = new JobTemplate();
        template.read(taken);
        List<Problem> problems = new ArrayList<>(template.problems());
        if (taken.jobs.size() != 1 && problems.isEmpty()) {
            problems.add(new Problem(file.getFileName().toString(), "resources", taken.jobs.isEmpty() ? "hold no job: none is of type Microsoft.StreamAnalytics/streamingjobs"
                    : "hold " + taken.jobs.size() + " jobs, and one is run at a time: " + taken.jobs.stream().map(Deployed::ownName).toList()));
        }
        if (taken.jobs.size() != 1) {
            throw new InvalidDefinitionException(problems);
        }
        Origins origins = new Origins();
        Deployed deployed = taken.jobs.getFirst();
        Located job = taken.whole(deployed, origins);
        JobReading reading = JobJson.read(job);
        List<Problem> remarks = new ArrayList<>(template.remarks());
        reading.problems().stream().map(origins::told).map(problem -> forWantOfAValue(problem, remarks)).forEach(problems::add);
        remarks.addAll(taken.remarks);
        reading.remarks().stream().map(origins::told).forEach(remarks::add);
        Located query = origins.told(job.at("properties").at("transformation").at("properties").at("query"));
        Project project = new Project(reading.job(), Project.parent(file), new Located(query.file(), query.path(), job.value()), job.value(),
                Project.scripts(job, origins::told), List.of(), remarks);
        return new ProjectReading(reading.job().query().isBlank() ? Optional.empty() : Optional.of(project), Optional.of(reading.outline()), problems);
    }

    /// What is missing only because a parameter has no value is a mistake of whoever gives the parameters.
    private static Problem forWantOfAValue(Problem problem, List<Problem> remarks) {
        Optional<Problem> left = problem.message().startsWith(MISSING)
                ? remarks.stream().filter(remark -> remark.file().equals(problem.file()) && remark.path().equals(problem.path())).findFirst() : Optional.empty();
        if (left.isEmpty()) {
            return problem;
        }
        remarks.remove(left.get());
        String meaning = problem.message().substring(MISSING.length());
        Matcher named = PARAMETER.matcher(left.get().message());
        return new Problem(problem.file(), problem.path(), named.find()
                ? "has no value" + meaning + "; the template parameter '%1$s' has none: give it with --template-param %1$s=… or a parameters file".formatted(named.group(1))
                : "has no value" + meaning + " (" + left.get().message() + ")");
    }

    @Override
    public String type(String stated, String parentType) {
        return stated.toLowerCase(Locale.ROOT).startsWith("microsoft.") || parentType.isEmpty() ? stated : parentType + "/" + stated;
    }

    @Override
    public boolean isWanted(String type, Located at) {
        String known = type.toLowerCase(Locale.ROOT);
        if (known.equals(JOB)) {
            return true;
        }
        if (known.startsWith(JOB + "/") && List.of("inputs", "outputs", "functions", "transformations").contains(known.substring(JOB.length() + 1))) {
            return true;
        }
        remarks.add(at.problem("'" + type + "' is not a part of a job and is left out"));
        return false;
    }

    @Override
    public void resource(Deployed resource) {
        if (resource.type().equalsIgnoreCase(JOB)) {
            jobs.add(resource);
        } else {
            children.add(resource);
        }
    }

    /// The job with its children in it.
    private Located whole(Deployed deployed, Origins origins) {
        ObjectNode job = ((ObjectNode) deployed.definition().value()).deepCopy();
        ObjectNode properties = job.objectNode();
        // Templates write names in any case.
        deployed.definition().at("properties").properties().forEach(property -> properties.set(canonical(property.getKey()), property.getValue().value()));
        job.properties().stream().map(java.util.Map.Entry::getKey).filter("properties"::equalsIgnoreCase).findFirst().ifPresent(job::remove);
        job.set("properties", properties);
        origins.put("", deployed.definition());
        for (Deployed child : children) {
            if (child.name().contains("/") && !child.name().substring(0, child.name().indexOf('/')).equalsIgnoreCase(deployed.ownName())) {
                continue;
            }
            String kind = child.type().substring(JOB.length() + 1).toLowerCase(Locale.ROOT);
            if (kind.equals("transformations")) {
                properties.set("transformation", child.definition().value());
                origins.put("properties.transformation", child.definition());
            } else {
                ArrayNode list = properties.get(kind) instanceof ArrayNode there ? there : properties.putArray(kind);
                origins.put("properties." + kind + "[" + list.size() + "]", child.definition());
                list.add(child.definition().value());
            }
        }
        return new Located(deployed.definition().file(), "", job);
    }

    private static String canonical(String key) {
        return List.of("inputs", "outputs", "functions", "transformation").stream().filter(key::equalsIgnoreCase).findFirst().orElse(key);
    }
}

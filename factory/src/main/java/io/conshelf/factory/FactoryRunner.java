package io.conshelf.factory;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.vault.GivenSecrets;
import io.conshelf.factory.activity.Callbacks;
import io.conshelf.factory.copy.Stores;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.InvalidFactoryException;
import io.conshelf.factory.definition.Parameter;
import io.conshelf.factory.definition.Pipeline;
import io.conshelf.factory.definition.Resource;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs the pipelines of a factory folder.
public final class FactoryRunner {
    private static final Logger LOG = LoggerFactory.getLogger(FactoryRunner.class);

    private final Factory factory;
    private final Endpoints endpoints;
    private final RunListener listener;
    private final Conditions conditions;
    private final ReentrantLock telling = new ReentrantLock();

    private record Conditions(Clock clock, Pauses pauses, Map<String, JsonNode> globalParameters, FolderAccess folders, PipelineQueue queue,
            Callbacks callbacks, GivenSecrets secrets) {
        private Conditions {
            globalParameters = Map.copyOf(globalParameters);
        }
    }

    /// @param endpoints where Azure Data Explorer endpoints lead
    /// @param listener  is told what happens, while it happens
    public FactoryRunner(Factory factory, Endpoints endpoints, RunListener listener) {
        this(factory, endpoints, listener, new Conditions(Clock.systemUTC(), Thread::sleep, Map.of(), FolderAccess.ANY, new PipelineQueue(), Callbacks.onLoopback(), GivenSecrets.NONE));
    }

    private FactoryRunner(Factory factory, Endpoints endpoints, RunListener listener, Conditions conditions) {
        this.factory = factory;
        this.endpoints = endpoints;
        this.listener = listener;
        this.conditions = conditions;
    }

    /// The same runner on another clock.
    public FactoryRunner on(Clock other, Pauses waits) {
        return new FactoryRunner(factory, endpoints, listener,
                new Conditions(other, waits, conditions.globalParameters(), conditions.folders(), conditions.queue(), conditions.callbacks(), conditions.secrets()));
    }

    /// The same runner, which reaches only these folders of this machine.
    public FactoryRunner within(FolderAccess folders) {
        return new FactoryRunner(factory, endpoints, listener,
                new Conditions(conditions.clock(), conditions.pauses(), conditions.globalParameters(), folders, conditions.queue(), conditions.callbacks(), conditions.secrets()));
    }

    /// The same runner, whose WebHooks are called back by a route of a server.
    public FactoryRunner withCallbacks(Callbacks route) {
        return new FactoryRunner(factory, endpoints, listener, new Conditions(conditions.clock(), conditions.pauses(), conditions.globalParameters(),
                conditions.folders(), conditions.queue(), route, conditions.secrets()));
    }

    /// The same runner, with secrets in place of those of vaults.
    public FactoryRunner with(GivenSecrets secrets) {
        return new FactoryRunner(factory, endpoints, listener, new Conditions(conditions.clock(), conditions.pauses(), conditions.globalParameters(),
                conditions.folders(), conditions.queue(), conditions.callbacks(), secrets));
    }

    /// The same runner, whose runs wait for those of others that share the queue.
    public FactoryRunner sharing(PipelineQueue queue) {
        return new FactoryRunner(factory, endpoints, listener,
                new Conditions(conditions.clock(), conditions.pauses(), conditions.globalParameters(), conditions.folders(), queue, conditions.callbacks(), conditions.secrets()));
    }

    /// Every mistake in a pipeline and in what it refers to; empty when it can run.
    public List<Problem> validate(String pipelineName) {
        return check(pipelineName).problems();
    }

    private Validation check(String pipelineName) {
        return new Validator(factory, globalParameters().keySet()).pipeline(pipelineName);
    }

    /// The parameter values that texts of the form in `--param k=v` stand for, by the types the pipeline declares.
    public Map<String, JsonNode> parse(String pipelineName, Map<String, String> texts) throws InvalidFactoryException {
        Pipeline pipeline = pipeline(pipelineName);
        List<Problem> problems = new ArrayList<>();
        Map<String, JsonNode> values = new LinkedHashMap<>();
        texts.forEach((name, text) -> {
            Parameter parameter = pipeline.parameters().get(name);
            if (parameter == null) {
                problems.add(undeclared(pipeline, name));
                return;
            }
            try {
                values.put(name, parameter.parse(text));
            } catch (IllegalArgumentException wrong) {
                problems.add(parameter.declaration().problem(wrong.getMessage()));
            }
        });
        if (!problems.isEmpty()) {
            throw new InvalidFactoryException(problems);
        }
        return values;
    }

    /// Runs a pipeline to its end.
    public RunRecord run(String pipelineName, Map<String, JsonNode> parameters) throws InvalidFactoryException, InterruptedException {
        PipelineHandle handle = start(pipelineName, parameters);
        try {
            return handle.await();
        } catch (InterruptedException cancelled) {
            handle.cancel();
            handle.await();
            throw cancelled;
        }
    }

    /// Starts a pipeline in place of an earlier run that was interrupted: what a copy of that run has sent already is not sent again.
    public PipelineHandle goOn(String pipelineName, Map<String, JsonNode> parameters, String runId) throws InvalidFactoryException {
        Recovery recovery = Recovery.everything(runId, runId, _ -> List.of());
        return prepare(pipelineName, parameters, Invocation.recovering(recovery)).start();
    }

    /// Starts a pipeline. Nothing starts when the pipeline or what it refers to has a mistake.
    public PipelineHandle start(String pipelineName, Map<String, JsonNode> parameters) throws InvalidFactoryException {
        return prepare(pipelineName, parameters, Invocation.manual()).start();
    }

    /// Makes a run ready. It is to be started or abandoned.
    public PipelineHandle prepare(String pipelineName, Map<String, JsonNode> parameters, Invocation invocation) throws InvalidFactoryException {
        Validation validation = check(pipelineName);
        if (!validation.isValid()) {
            throw new InvalidFactoryException(validation.problems());
        }
        validation.remarks().forEach(remark -> tell(new RunEvent.Remarked(remark)));
        Stores stores = new Stores(factory, endpoints, conditions.folders(), conditions.secrets());
        return new PipelineHandle(prepare(pipelineName, parameters, Optional.empty(), invocation, stores));
    }

    PipelineRun prepare(String pipelineName, Map<String, JsonNode> given, Optional<PipelineRun.Origin> origin, Invocation invocation, Stores stores)
            throws InvalidFactoryException {
        Pipeline pipeline = pipeline(pipelineName);
        List<Problem> problems = new ArrayList<>();
        Map<String, JsonNode> values = new TreeMap<>();
        for (String name : given.keySet()) {
            if (!pipeline.parameters().containsKey(name)) {
                problems.add(undeclared(pipeline, name));
            }
        }
        for (Parameter parameter : pipeline.parameters().values()) {
            Optional<JsonNode> value = Optional.ofNullable(given.get(parameter.name())).or(parameter::value);
            if (value.isEmpty()) {
                problems.add(parameter.declaration().problem("parameter '" + parameter.name() + "' has no default value and none was given"));
            } else if (!parameter.accepts(value.get())) {
                problems.add(parameter.declaration().problem("parameter '" + parameter.name() + "' is of type " + parameter.type().title()
                        + ", and " + value.get() + " is not one"));
            } else {
                values.put(parameter.name(), parameter.convert(value.get()));
            }
        }
        if (!problems.isEmpty()) {
            throw new InvalidFactoryException(problems);
        }
        return new PipelineRun(this, pipeline, values, origin, invocation, stores);
    }

    private Pipeline pipeline(String name) throws InvalidFactoryException {
        Resource resource = factory.pipelines().get(name);
        if (resource == null) {
            throw new InvalidFactoryException(List.of(Validator.noPipeline(factory, name)));
        }
        List<Problem> problems = new ArrayList<>();
        Pipeline pipeline = Pipeline.read(resource, problems::add);
        if (!problems.isEmpty()) {
            throw new InvalidFactoryException(problems);
        }
        return pipeline;
    }

    private static Problem undeclared(Pipeline pipeline, String name) {
        return pipeline.properties().at("parameters").problem("pipeline '" + pipeline.name() + "' declares no parameter '" + name + "'; it has "
                + (pipeline.parameters().isEmpty() ? "none" : String.join(", ", pipeline.parameters().keySet())));
    }

    boolean isText(String pipelineName, String parameter) {
        Resource resource = factory.pipelines().get(pipelineName);
        String type = resource == null ? "" : resource.properties().at("parameters").at(parameter).at("type").text("");
        return type.equalsIgnoreCase("String") || type.equalsIgnoreCase("SecureString");
    }

    void tell(RunEvent event) {
        telling.lock();
        try {
            listener.on(event);
        } catch (RuntimeException defect) {
            // Whoever watches must not be able to stop a run.
            LOG.warn("The listener of a run failed on {}", event.getClass().getSimpleName(), defect);
        } finally {
            telling.unlock();
        }
    }

    Factory factory() {
        return factory;
    }

    Clock clock() {
        return conditions.clock();
    }

    Callbacks callbacks() {
        return conditions.callbacks();
    }

    Pauses pauses() {
        return conditions.pauses();
    }

    Map<String, JsonNode> globalParameters() {
        return conditions.globalParameters();
    }

    PipelineQueue queue() {
        return conditions.queue();
    }
}

package io.conshelf.factory.definition;

import io.conshelf.connectors.definition.ArmTemplate;
import io.conshelf.connectors.definition.ArmTemplate.Deployed;
import io.conshelf.connectors.definition.ArmTemplate.Given;
import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.definition.Reading;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Makes a factory of an ARM template: what Data Factory exports, and what its gallery holds.
public final class FactoryTemplate implements ArmTemplate.Receiver {
    private static final String FACTORY_TYPE = Kind.FACTORY.armType().toLowerCase(Locale.ROOT);

    private final List<Resource> resources = new ArrayList<>();
    private final List<Problem> remarks = new ArrayList<>();
    private final List<Factory.Broken> lacking = new ArrayList<>();
    private String factoryName = "";

    private FactoryTemplate() {}

    /// True when the file says that it is a template, not a resource.
    public static boolean isTemplate(Path file) {
        return ArmTemplate.isTemplate(file);
    }

    /// Reads a template with its parameters.
    ///
    /// @throws InvalidFactoryException with everything in it that cannot be deployed
    public static Factory load(Path file, Given given, Reading reading) throws InvalidFactoryException {
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(file.toAbsolutePath());
        try {
            ArmTemplate template = ArmTemplate.open(file, given, reading);
            FactoryTemplate read = new FactoryTemplate();
            read.factoryName = template.declares("factoryName") ? template.parameter("factoryName").orElse("factory") : "";
            template.read(read);
            if (!template.problems().isEmpty()) {
                throw new InvalidFactoryException(template.problems());
            }
            List<Problem> remarks = new ArrayList<>(read.remarks);
            remarks.addAll(template.remarks());
            Factory factory = Factory.of(folder, read.factoryName, read.resources);
            return new Factory(folder, read.factoryName, factory.resources(), List.of(), remarks, read.lacking);
        } catch (InvalidDefinitionException unreadable) {
            throw new InvalidFactoryException(unreadable.problems());
        }
    }

    /// The whole type: that of a child begins with its parent's, some templates write the last word alone, and Synapse has the same resources.
    @Override
    public String type(String stated, String parentType) {
        String lower = stated.toLowerCase(Locale.ROOT);
        if (lower.startsWith("microsoft.synapse/workspaces/")) {
            return Kind.FACTORY.armType() + stated.substring(stated.lastIndexOf('/'));
        }
        if (lower.startsWith("microsoft.")) {
            return stated;
        }
        return (parentType.isEmpty() ? Kind.FACTORY.armType() : parentType) + "/" + stated;
    }

    @Override
    public boolean isWanted(String type, Located at) {
        if (Kind.ofArmType(type).isPresent()) {
            return true;
        }
        boolean isOurs = type.toLowerCase(Locale.ROOT).startsWith(FACTORY_TYPE);
        remarks.add(at.problem("'" + type + "' is " + (isOurs ? "not needed here" : "not a Data Factory resource") + " and is left out"));
        return false;
    }

    @Override
    public void resource(Deployed deployed) {
        Kind kind = Kind.ofArmType(deployed.type()).orElseThrow();
        String own = deployed.ownName();
        if (kind == Kind.FACTORY) {
            factoryName = own;
        } else if (factoryName.isEmpty() && deployed.name().contains("/")) {
            factoryName = deployed.name().substring(0, deployed.name().indexOf('/'));
        }
        resources.add(new Resource(kind, own, deployed.definition()));
        deployed.missingSecrets().forEach(missing -> lacking.add(new Factory.Broken(kind, own, missing)));
    }
}

package io.conshelf.cli;

import picocli.CommandLine.IVersionProvider;

/// The version in the jar's manifest; `development` where classes run unpacked.
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        var version = Main.class.getPackage().getImplementationVersion();
        return new String[] {"conshelf " + (version == null ? "development" : version)};
    }
}

package io.conshelf.engine;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What an engine needs to know before it opens.
///
/// @param dataFolder     where databases live; without one they are in memory and end with the process
/// @param stagingFolder  where files wait to be ingested; the engine may read it
/// @param allowedFolders further folders that ingestion may read; queries never reach a file
/// @param databases      databases that must exist, created where they don't; `NetDefaultDB` always does
/// @param clock          for what happens without a request, such as sealing by age
/// @param live           hosts beyond this machine that SQL connections and web files may reach, in lower case. This machine's
///                       own are reached as `localCalls` says
/// @param localCalls     what listens on this machine and may be called by commands
public record EngineConfig(
        Optional<Path> dataFolder,
        Path stagingFolder,
        List<Path> allowedFolders,
        List<String> databases,
        Limits limits,
        InstantSource clock,
        Set<String> live,
        LocalCalls localCalls) {
    public EngineConfig {
        allowedFolders = List.copyOf(allowedFolders);
        databases = List.copyOf(databases);
        live = Set.copyOf(live);
    }

    /// One whose callers are trusted with this machine.
    public EngineConfig(
            Optional<Path> dataFolder, Path stagingFolder, List<Path> allowedFolders, List<String> databases, Limits limits,
            InstantSource clock, Set<String> live) {
        this(dataFolder, stagingFolder, allowedFolders, databases, limits, clock, live, LocalCalls.OPEN);
    }

    /// One that reaches nothing beyond this machine.
    public EngineConfig(
            Optional<Path> dataFolder, Path stagingFolder, List<Path> allowedFolders, List<String> databases, Limits limits,
            InstantSource clock) {
        this(dataFolder, stagingFolder, allowedFolders, databases, limits, clock, Set.of());
    }

    public AllowedFolders allowed() {
        return new AllowedFolders(allowedFolders);
    }

    /// Everything in memory; files to ingest wait in `stagingFolder`.
    public static EngineConfig inMemory(Path stagingFolder) {
        return new EngineConfig(Optional.empty(), stagingFolder, List.of(), List.of(), Limits.ofThisMachine(),
                InstantSource.system());
    }

    public EngineConfig withDatabases(List<String> names) {
        return new EngineConfig(dataFolder, stagingFolder, allowedFolders, names, limits, clock, live, localCalls);
    }

    public EngineConfig withLive(Set<String> hosts) {
        return new EngineConfig(dataFolder, stagingFolder, allowedFolders, databases, limits, clock, hosts, localCalls);
    }

    public EngineConfig withLimits(Limits other) {
        return new EngineConfig(dataFolder, stagingFolder, allowedFolders, databases, other, clock, live, localCalls);
    }

    public EngineConfig withLocalCalls(LocalCalls calls) {
        return new EngineConfig(dataFolder, stagingFolder, allowedFolders, databases, limits, clock, live, calls);
    }
}

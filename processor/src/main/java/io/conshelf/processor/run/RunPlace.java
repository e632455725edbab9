package io.conshelf.processor.run;

import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.processor.destination.explorer.Following;
import io.conshelf.processor.secret.Secrets;
import java.nio.file.Path;
import java.util.Optional;

/// Where pipelines run: what they may reach, as whom, and where they keep what they must not forget. Its text shows no secret.
///
/// @param instance   the name of what runs them
/// @param endpoints  where the addresses of definitions lead
/// @param credential who stands for the machine's identity; [KustoCredential.None] for the identity itself
/// @param folders    those of this machine that definitions may name
/// @param folder     of all pipelines, each of which has one of its name in it
/// @param deadLetters where messages go that can't be processed, other than into files of the pipeline's folder
/// @param following   of batches that a cluster has taken and not ingested yet
public record RunPlace(String instance, Endpoints endpoints, KustoCredential credential, Secrets secrets, FolderAccess folders, Path folder,
        Optional<DeadLetterPlace> deadLetters, Following following) {
    /// Dead letters go into files.
    public RunPlace(String instance, Endpoints endpoints, KustoCredential credential, Secrets secrets, FolderAccess folders, Path folder) {
        this(instance, endpoints, credential, secrets, folders, folder, Optional.empty(), Following.DEFAULT);
    }

    public RunPlace with(Optional<DeadLetterPlace> topic) {
        return new RunPlace(instance, endpoints, credential, secrets, folders, folder, topic, following);
    }

    public RunPlace with(Following batches) {
        return new RunPlace(instance, endpoints, credential, secrets, folders, folder, deadLetters, batches);
    }

    public Path folder(String pipeline) {
        return folder.resolve("pipelines").resolve(pipeline);
    }

    /// Where the instance's reference data is.
    Path references() {
        return folder.resolve("reference-data");
    }
}

package io.conshelf.cli;

import io.conshelf.server.backup.BackupException;
import io.conshelf.server.backup.ClusterBackup;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `conshelf restore`: a data folder out of a backup.
@Command(
        name = "restore",
        description = "Makes a data folder of a backup, after checking every file of it.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  conshelf restore /mnt/usb/conshelf-2026-03-02 --data /data && conshelf up --data /data"})
final class RestoreCommand implements Runnable {
    @Parameters(paramLabel = "BACKUP", description = "the folder that 'conshelf backup' wrote")
    private Path backup;

    @Option(names = "--data", paramLabel = "DIR", required = true, description = "the data folder to make: empty or not there yet")
    private Path data;

    @Override
    public void run() {
        try {
            var manifest = ClusterBackup.restore(backup, data);
            System.out.println(data.toAbsolutePath().normalize());
            System.err.println("conshelf: the cluster of " + manifest.createdOn() + " is restored; start it with: conshelf up --data " + data);
        } catch (BackupException e) {
            throw new CommandFailure(e.getMessage(), e);
        }
    }
}

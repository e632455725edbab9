package io.conshelf.cli;

import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.IdentityEndpoint;
import io.conshelf.factory.service.BlobChange;
import io.conshelf.factory.service.FactoryService;
import io.conshelf.server.service.HostedService;
import java.io.IOException;
import java.util.List;

/// Puts Data Factory beside the cluster: behind its door, into its store, and at work on it.
final class HostedFactory implements HostedService {
    private final FactoryService service;
    private final List<String> live;

    private HostedFactory(FactoryService service, List<String> live) {
        this.service = service;
        this.live = live;
    }

    static Opening opening(Settings settings) {
        return new Opening("factory", documents -> new HostedFactory(
                FactoryService.open(new HostedStore(documents),
                FactoryService.Allowance.of(settings.allowedFolders(), settings.secrets())), settings.live()));
    }

    @Override
    public String name() {
        return "data factory";
    }

    @Override
    public boolean answers(String rawPath) {
        return FactoryService.answers(rawPath);
    }

    @Override
    public boolean isOpen(String rawPath) {
        return service.isAwaited(rawPath);
    }

    @Override
    public void started(Cluster cluster) {
        service.started(Endpoints.embedded(cluster.uri(), live, new IdentityEndpoint(cluster.identityEndpoint(), cluster.identityHeader())));
    }

    @Override
    public void blobChanged(BlobChanged change) {
        service.blobChanged(new BlobChange(change.account(), change.container(), change.path(), switch (change.what()) {
            case CREATED -> BlobChange.What.CREATED;
            case DELETED -> BlobChange.What.DELETED;
        }, change.bytes()));
    }

    @Override
    public Answer answer(Request request) throws IOException {
        return HostedRequests.answered(service.answer(HostedRequests.asked(request)));
    }

    @Override
    public void close() {
        service.close();
    }
}

package io.conshelf.processor.run;

import io.conshelf.processor.destination.Destination;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.run.Parts.PlacedDestination;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.Value;
import java.util.ArrayList;
import java.util.List;

/// The destination that a pipeline had before it was changed. What it has taken is remembered until it is durable there, so that it can go elsewhere.
final class HandedOn implements Destination {
    private final PlacedDestination gone;
    private final List<Message> held = new ArrayList<>();
    private boolean isGivenUp;

    HandedOn(PlacedDestination gone) {
        this.gone = gone;
    }

    PlacedDestination placed() {
        return new PlacedDestination(gone.id(), gone.type(), this, gone.retry());
    }

    /// It has refused: what comes is held, and nothing is given to it.
    void giveUp() {
        isGivenUp = true;
    }

    /// What is durable nowhere.
    List<Message> held() {
        return held;
    }

    @Override
    public void accept(Message message) throws StageException, DestinationException, InterruptedException {
        if (!isGivenUp) {
            gone.destination().accept(message);
        }
        held.add(message);
    }

    @Override
    public byte[] prepare(long checkpoint) throws DestinationException, InterruptedException {
        byte[] prepared = gone.destination().prepare(checkpoint);
        held.clear();
        return prepared;
    }

    @Override
    public void commit(byte[] prepared) throws DestinationException, InterruptedException {
        gone.destination().commit(prepared);
    }

    @Override
    public List<Value> leave(byte[] prepared) throws DestinationException {
        return gone.destination().leave(prepared);
    }

    @Override
    public List<Refused> refused() throws DestinationException, InterruptedException {
        return gone.destination().refused();
    }

    @Override
    public List<Refused> abandon() throws DestinationException {
        return gone.destination().abandon();
    }

    @Override
    public void completed() {
        gone.destination().completed();
    }

    @Override
    public void close() {
        gone.destination().close();
    }
}

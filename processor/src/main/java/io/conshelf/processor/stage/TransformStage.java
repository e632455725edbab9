package io.conshelf.processor.stage;

import io.conshelf.processor.value.Value;

/// Makes a message of each result of an expression.
final class TransformStage implements Stage {
    private final Expression expression;

    TransformStage(Expression expression) {
        this.expression = expression;
    }

    @Override
    public void accept(Message message, Output output) throws StageException, InterruptedException {
        for (Value result : expression.results(message.content())) {
            output.emit(message.with(result));
        }
    }
}

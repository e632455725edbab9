package io.conshelf.processor.stage;

import io.conshelf.processor.value.Value;

/// Hands on the messages for which an expression is true.
final class FilterStage implements Stage {
    private final Expression expression;

    FilterStage(Expression expression) {
        this.expression = expression;
    }

    @Override
    public void accept(Message message, Output output) throws StageException, InterruptedException {
        if (!(expression.result(message.content()) instanceof Value.Truth(boolean isWanted))) {
            throw new StageException("FilterResult", "The expression of a filter is true or false, and it is neither");
        }
        if (isWanted) {
            output.emit(message);
        }
    }
}

package dev.shoestring.text.jinja;

import java.util.List;

/** A parsed statement. */
@FunctionalInterface
interface Statement {
    /** What comes after a statement. */
    enum Next {
        ON,
        BREAK,
        CONTINUE
    }

    Next run(Frame frame);

    /** Runs several in order, until one leaves a loop. */
    static Statement sequence(List<Statement> statements) {
        List<Statement> all = List.copyOf(statements);
        return frame -> {
            for (Statement statement : all) {
                frame.budget().step();
                Next next = statement.run(frame);
                if (next != Next.ON) {
                    return next;
                }
            }
            return Next.ON;
        };
    }
}

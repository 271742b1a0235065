package dev.shoestring.text.jinja;

import java.util.ArrayList;
import java.util.List;

/** A loop: its body has names of its own, which are gone after each round. */
record ForLoop(
        List<String> targets,
        Expression over,
        Expression filter,
        Statement body,
        Statement otherwise,
        TokenReader tokens)
        implements Statement {
    @Override
    public Next run(Frame frame) {
        List<Object> items = new ArrayList<>();
        for (Object item : Values.iterate(over.value(frame), tokens.source())) {
            frame.budget().step();
            Frame inner = frame.inner();
            assign(inner, targets, item, tokens);
            if (Values.truth(filter.value(inner))) {
                items.add(item);
            }
        }
        if (items.isEmpty()) {
            return otherwise.run(frame.inner());
        }
        Loop loop = new Loop(items);
        for (int i = 0; i < items.size(); i++) {
            frame.budget().step();
            loop.at(i);
            Frame inner = frame.inner();
            inner.set("loop", loop);
            assign(inner, targets, items.get(i), tokens);
            if (body.run(inner) == Next.BREAK) {
                break;
            }
        }
        return Next.ON;
    }

    static void assign(Frame frame, List<String> targets, Object value, TokenReader tokens) {
        if (targets.size() == 1) {
            frame.set(targets.get(0), value);
            return;
        }
        List<Object> values = Values.iterate(value, tokens.source());
        if (values.size() != targets.size()) {
            throw tokens.failed(0, "cannot give " + values.size() + " values to " + targets);
        }
        for (int i = 0; i < values.size(); i++) {
            frame.set(targets.get(i), values.get(i));
        }
    }
}

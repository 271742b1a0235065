package dev.shoestring.data;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Calls of tools as the text of a message. */
final class ToolCalls {
    private ToolCalls() {}

    /** ShareGPT's: one object with {@code name} and {@code arguments}, or a list of them. */
    static String ofShareGpt(JsonNode calls, String path) throws UnfitRecordException {
        if (!calls.isArray()) {
            return call(calls, path);
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode one : calls) {
            text.append(text.isEmpty() ? "" : "\n").append(call(one, path));
        }
        return text.toString();
    }

    /** OpenAI's: a list of objects with a {@code function}, whose arguments are JSON in a string. */
    static String ofOpenAi(JsonNode calls, String path) throws UnfitRecordException {
        StringBuilder text = new StringBuilder();
        for (JsonNode one : calls) {
            text.append(text.isEmpty() ? "" : "\n").append(call(one.path("function"), path));
        }
        return text.toString();
    }

    private static String call(JsonNode call, String path) throws UnfitRecordException {
        if (!call.path("name").isTextual()) {
            throw new UnfitRecordException(path, "must call a tool by name", RecordFields.kind(call.path("name")));
        }
        JsonNode arguments = call.path("arguments");
        if (arguments.isTextual()) {
            arguments = arguments.textValue().isBlank()
                    ? JsonNodeFactory.instance.objectNode()
                    : RecordFields.parse(RecordFields.text(arguments, path), path);
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("name", RecordFields.text(call.path("name"), path));
        json.set("arguments", arguments.isMissingNode() ? JsonNodeFactory.instance.objectNode() : arguments);
        return "<tool_call>\n" + json + "\n</tool_call>";
    }
}

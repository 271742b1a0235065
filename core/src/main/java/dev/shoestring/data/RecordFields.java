package dev.shoestring.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the fields of chat records and checks them. */
final class RecordFields {
    private static final int MOST_MESSAGES = 2_000;
    private static final int LONGEST = CellCheck.LONGEST_CELL;
    private static final int LONGEST_SHOWN = 40;
    private static final ObjectMapper JSON = new ObjectMapper(RecordFile.factory());

    private static final Map<String, Role> ROLES = Map.ofEntries(
            Map.entry("system", Role.SYSTEM),
            Map.entry("developer", Role.SYSTEM),
            Map.entry("user", Role.USER),
            Map.entry("human", Role.USER),
            Map.entry("assistant", Role.ASSISTANT),
            Map.entry("gpt", Role.ASSISTANT),
            Map.entry("function_call", Role.ASSISTANT),
            Map.entry("tool", Role.TOOL),
            Map.entry("function", Role.TOOL),
            Map.entry("observation", Role.TOOL));

    private RecordFields() {}

    /** The string of a field, which must be there; empty strings are given as they are. */
    static String string(JsonNode record, String field) throws UnfitRecordException {
        String value = optional(record, field);
        if (value == null) {
            throw new UnfitRecordException(field, "must be a string", "missing");
        }
        return value;
    }

    /** The string of a field; null if it is missing or null. */
    static @Nullable String optional(JsonNode record, String field) throws UnfitRecordException {
        JsonNode value = record.path(field);
        return value.isMissingNode() || value.isNull() ? null : text(value, field);
    }

    /** The string that a value is. */
    static String text(JsonNode value, String path) throws UnfitRecordException {
        if (!value.isTextual()) {
            throw new UnfitRecordException(path, "must be a string", kind(value));
        }
        String text = value.textValue();
        if (text.length() > LONGEST) {
            throw new UnfitRecordException(
                    path, "must have at most " + LONGEST + " characters", text.length() + " characters long");
        }
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (!Character.isHighSurrogate(text.charAt(i))
                        || i + 1 == text.length()
                        || !Character.isLowSurrogate(text.charAt(i + 1))) {
                    throw new UnfitRecordException(path, "must be text, without half a surrogate pair", "");
                }
                i++;
            }
        }
        return text;
    }

    /**
     * The turns of a list: objects with {@code role} and {@code content}, or {@code from} and {@code value}. Blank system messages are
     * left out.
     */
    static List<Message> messages(JsonNode list, String path) throws UnfitRecordException {
        if (!list.isArray()) {
            throw new UnfitRecordException(path, "must be a list of messages", kind(list));
        }
        if (list.size() > MOST_MESSAGES) {
            throw new UnfitRecordException(
                    path, "must have at most " + MOST_MESSAGES + " messages", list.size() + " long");
        }
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            Message message = message(list.get(i), path + "[" + i + "]");
            if (message.role() != Role.SYSTEM || !message.content().isBlank()) {
                messages.add(message);
            }
        }
        return messages;
    }

    /** One turn or several: a text is one of the role's, an object or a list names its own. */
    static List<Message> turns(JsonNode value, Role role, String path) throws UnfitRecordException {
        if (value.isTextual()) {
            return List.of(new Message(role, text(value, path)));
        }
        return value.isObject() ? List.of(message(value, path)) : messages(value, path);
    }

    /** One turn in either form. */
    static Message message(JsonNode turn, String path) throws UnfitRecordException {
        if (!turn.isObject()) {
            throw new UnfitRecordException(path, "must be an object", kind(turn));
        }
        boolean shareGpt = turn.has("from");
        String roleField = shareGpt ? "from" : "role";
        JsonNode named = turn.path(roleField);
        Role role = named.isTextual() ? ROLES.get(named.textValue()) : null;
        if (role == null) {
            throw new UnfitRecordException(
                    path + "." + roleField,
                    "must be system, user (human), assistant (gpt), tool (observation) or function_call",
                    named.isTextual() ? "\"" + shown(named.textValue()) + "\"" : kind(named));
        }
        String contentField = shareGpt ? "value" : "content";
        String content = content(turn.path(contentField), path + "." + contentField, turn.path("tool_calls"));
        if (named.textValue().equals("function_call")) {
            return new Message(role, ToolCalls.ofShareGpt(parse(content, path + "." + contentField), path));
        }
        if (turn.path("tool_calls").isArray() && !turn.path("tool_calls").isEmpty()) {
            String calls = ToolCalls.ofOpenAi(turn.path("tool_calls"), path + ".tool_calls");
            return new Message(role, content.isBlank() ? calls : content + "\n" + calls);
        }
        return new Message(role, content);
    }

    /** A list of tools, given as a list or as a string that holds one; null if there is none. */
    static @Nullable String tools(JsonNode record) throws UnfitRecordException {
        JsonNode tools = record.path("tools");
        if (tools.isMissingNode() || tools.isNull()) {
            return null;
        }
        if (tools.isTextual()) {
            if (tools.textValue().isBlank()) {
                return null;
            }
            tools = parse(text(tools, "tools"), "tools");
        }
        if (!tools.isArray()) {
            throw new UnfitRecordException("tools", "must be a list of tools", kind(tools));
        }
        return tools.isEmpty() ? null : tools.toString();
    }

    /** Parses JSON in a string. */
    static JsonNode parse(String json, String path) throws UnfitRecordException {
        try {
            return JSON.readTree(json);
        } catch (JsonProcessingException broken) {
            throw new UnfitRecordException(path, "must hold JSON", "\"" + shown(json) + "\"");
        }
    }

    /** What a value is, for messages. */
    static String kind(JsonNode value) {
        return value.isMissingNode() ? "missing" : value.getNodeType().name().toLowerCase(Locale.ROOT);
    }

    private static String content(JsonNode content, String path, JsonNode calls) throws UnfitRecordException {
        if ((content.isNull() || content.isMissingNode()) && calls.isArray() && !calls.isEmpty()) {
            return "";
        }
        if (!content.isArray()) {
            return text(content, path);
        }
        StringBuilder joined = new StringBuilder();
        for (int i = 0; i < content.size(); i++) {
            JsonNode part = content.get(i);
            if (!part.path("type").asText("").equals("text")) {
                throw new UnfitRecordException(
                        path + "[" + i + "].type",
                        "must be text",
                        "\"" + shown(part.path("type").asText("")) + "\"");
            }
            joined.append(text(part.path("text"), path + "[" + i + "].text"));
        }
        return joined.toString();
    }

    private static String shown(String text) {
        return text.length() <= LONGEST_SHOWN ? text : text.substring(0, LONGEST_SHOWN) + "…";
    }
}

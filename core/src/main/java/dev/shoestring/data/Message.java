package dev.shoestring.data;

/**
 * One turn of a conversation.
 *
 * @param role who says it
 * @param content what is said. An assistant's calls of tools are in it as lines {@code <tool_call>}, a JSON object with {@code name} and
 *     {@code arguments}, {@code </tool_call>}: the form that the chat templates of Qwen and Hermes models write
 */
public record Message(Role role, String content) {}

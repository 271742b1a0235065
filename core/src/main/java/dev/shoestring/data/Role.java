package dev.shoestring.data;

/** Who says a message of a conversation. */
public enum Role {
    /** Instructions for the whole conversation. */
    SYSTEM,
    /** Who asks. */
    USER,
    /** The model that answers, and calls tools. */
    ASSISTANT,
    /** What a called tool gave back. */
    TOOL
}

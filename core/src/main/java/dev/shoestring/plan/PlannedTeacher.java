package dev.shoestring.plan;

/**
 * What the teacher of a recipe with {@code distill:} takes; all of it is in the plan's totals too.
 *
 * @param how when and how often it answers, in words
 * @param parameters numbers in it
 * @param flops floating-point operations of its answers
 * @param seconds time of its answers
 * @param bytes memory that a run would not need without it
 */
public record PlannedTeacher(String how, long parameters, double flops, double seconds, double bytes) {}

package dev.shoestring.data;

/**
 * One row of a labelled table.
 *
 * @param text the text, exactly as the file has it
 * @param label the label's name; numbers, booleans and dates are written out
 */
public record LabelledText(String text, String label) {}

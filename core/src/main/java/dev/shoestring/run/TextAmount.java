package dev.shoestring.run;

/**
 * How much text a language model is trained on and measured by.
 *
 * @param texts documents or conversations to train on
 * @param messages messages of each; 1 for a document
 * @param bytes bytes of the training text in UTF-8
 * @param learned bytes of it that have a loss: those of answers, or all
 * @param held bytes of the validation split
 * @param heldLearned bytes of it that have a loss
 */
record TextAmount(double texts, double messages, double bytes, double learned, double held, double heldLearned) {}

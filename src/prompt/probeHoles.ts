/**
 * Small pieces of code with holes whose text follows from what stands around them: by filling them a model shows which order of the
 * prompt it understands best. Written for this purpose, so in no model's training data. Pure data and its reader.
 */

export interface ProbeHole {
    languageId: string;
    prefix: string;
    /** What belongs between: the rest of a line. */
    middle: string;
    suffix: string;
}

/** Each `«...»` is a hole; for each, the others are filled. */
const PIECES: readonly (readonly [languageId: string, text: string])[] = [
    [
        "typescript",
        `export interface Shelf {\n    label: string;\n    capacity: number;\n    volumes: string[];\n}\n
export function freePlaces(shelf: Shelf): number {\n    return shelf.«capacity - shelf.volumes.length;»\n}\n
export function addVolume(shelf: Shelf, volume: string): void {\n    if (freePlaces(shelf) «<= 0») throw new Error("full");
    «shelf.volumes.push(volume);»\n}\n
export function labels(shelves: Shelf[]): string[] {\n    return shelves.map((shelf) => «shelf.label»);\n}\n`,
    ],
    [
        "python",
        `class Ledger:\n    def __init__(self, owner):\n        self.owner = owner\n        «self.entries = []»\n
    def record(self, amount, note=""):\n        self.entries.append((amount, «note))»\n
    def balance(self):\n        return sum(amount for amount, note in «self.entries)»\n
    def notes(self):\n        return [note for «amount, note in self.entries]»\n`,
    ],
    [
        "python",
        `def celsius_to_fahrenheit(celsius):\n    return celsius * 9 / 5 + 32\n\n\ndef fahrenheit_to_celsius(«fahrenheit):»
    return (fahren«heit - 32) * 5 / 9»\n\n\ndef table(start, stop):\n    for celsius in range(«start, stop):»
        print(celsius, celsius_to_fahr«enheit(celsius))»\n`,
    ],
    [
        "javascript",
        `const queue = [];\n\nfunction enqueue(job) {\n    «queue.push(job);»\n}\n\nfunction dequeue() {\n    return queue.«shift();»\n}\n
function isEmpty() {\n    return queue.«length === 0;»\n}\n\nmodule.exports = { enqueue, deq«ueue, isEmpty };»\n`,
    ],
    [
        "go",
        `package store\n\ntype Store struct {\n\titems map[string]int\n}\n\nfunc New() *Store {\n\treturn &Store{items: «make(map[string]int)}»\n}\n
func (s *Store) Set(name string, count int) {\n\ts.«items[name] = count»\n}\n
func (s *Store) Get(name string) (int, bool) {\n\tcount, ok := s.it«ems[name]»\n\treturn «count, ok»\n}\n`,
    ],
    [
        "java",
        `public class Stack {\n    private final int[] slots;\n    private int size = 0;\n
    public Stack(int capacity) {\n        «slots = new int[capacity];»\n    }\n
    public void push(int slot) {\n        slots[«size++] = slot;»\n    }\n
    public int pop() {\n        return slo«ts[--size];»\n    }\n\n    public boolean isEmpty() {\n        return «size == 0;»\n    }\n}\n`,
    ],
    [
        "rust",
        `struct Circle {\n    radius: f64,\n}\n\nstruct Square {\n    side: f64,\n}\n\ntrait Shape {\n    fn area(&self) -> f64;\n}\n
impl Shape for Square {\n    fn area(&self) -> f64 {\n        «self.side * self.side»\n    }\n}\n
impl Shape for Cir«cle {»\n    fn area(&self) -> f64 {\n        std::f64::consts::PI * self.«radius * self.radius»\n    }\n}\n`,
    ],
    [
        "c",
        `#include <stddef.h>\n\nsize_t count_spaces(const char *text) {\n    size_t n = 0;\n    for (; *text != '\\0'; text++) {
        if (*text == ' ') {\n            «n++;»\n        }\n    }\n    «return n;»\n}\n
size_t count_digits(const char *text) {\n    size_t n = 0;\n    for (; *text != '\\0'; «text++) {»
        if (*text >= '0' && *te«xt <= '9') {»\n            n++;\n        }\n    }\n    return n;\n}\n`,
    ],
];

export function probeHoles(): ProbeHole[] {
    return PIECES.flatMap(([languageId, text]) => {
        const plain = (part: string) => part.replace(/[«»]/g, "");
        return [...text.matchAll(/«([^»]*)»/g)].map((found) => ({
            languageId,
            prefix: plain(text.slice(0, found.index)),
            middle: found[1] ?? "",
            suffix: plain(text.slice(found.index + found[0].length)),
        }));
    });
}

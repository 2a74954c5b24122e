/**
 * Whether the licence of what is published is clear: an identifier of the Hub, or `other` with a name and a link. Without that nothing is
 * published; what the person states counts where the files say nothing, and may not contradict them.
 */

import { AppError } from "../../base/errors";
import type { ModelCard } from "../frontMatter";
import { linkOf, type ModelFacts } from "./facts";

export interface License {
    id: string;
    /** Of `other`. */
    name: string | undefined;
    link: string | undefined;
}

export interface NamedFacts {
    name: string;
    facts: ModelFacts;
}

export interface LicenseChoice {
    license?: string | undefined;
    licenseName?: string | undefined;
    licenseLink?: string | undefined;
}

/** `files`: what each file says, with its name. Throws AppError user/license, saying what to do. */
export function chooseLicense(files: readonly NamedFacts[], choice: LicenseChoice): License {
    const clear = clearOf(files);
    const model = clear ?? files[0];
    if (!model) throw unclear("No file is given, so that no licence is known");
    const stated = choice.license?.trim().toLowerCase();
    const said = clear?.facts.license;
    if (stated !== undefined && said !== undefined && said !== stated)
        throw unclear(
            `${model.name} says that its licence is ${said}, not ${stated}; leave --license out, or mend the file first`,
        );
    return checkLicense(model, stated ?? model.facts.license, choice);
}

function checkLicense(
    { name, facts }: NamedFacts,
    id: string | undefined,
    { licenseName, licenseLink }: LicenseChoice,
): License {
    if (id === undefined)
        throw unclear(
            `${name} does not say under which licence it is; look at the page of the model that it was made from, and state it with --license, as in --license apache-2.0`,
        );
    if (!isIdentifier(id)) throw unclear(noIdentifier(id, BY_OPTIONS));
    const license = {
        id,
        name: licenseName?.trim() || facts.licenseName,
        link: licenseLink ? checkLink(licenseLink) : facts.licenseLink,
    };
    refuseVague(license, BY_OPTIONS);
    return license;
}

/** The first file whose licence is clear. All that say one must say the same. */
function clearOf(files: readonly NamedFacts[]): NamedFacts | undefined {
    const [first, ...more] = files.filter(({ facts }) => isClear(facts));
    const other = more.find(({ facts }) => facts.license !== first?.facts.license);
    if (!first || !other) return first;
    // No answer of the person makes it clear.
    throw new AppError(
        "user/usage",
        `${first.name} is under ${first.facts.license} and ${other.name} under ${other.facts.license}; publish them into two repositories`,
    );
}

/** Of a card as the person has left it; it may not contradict the files. Throws AppError user/license. */
export function checkCardLicense(card: ModelCard, files: readonly NamedFacts[]): string {
    const text = (key: string) => {
        const value = card.get(key);
        return typeof value === "string" ? value.trim() : undefined;
    };
    const id = text("license")?.toLowerCase();
    if (!id) throw unclear("The card names no licence; add license: to the lines at its beginning");
    if (!isIdentifier(id)) throw unclear(noIdentifier(id, IN_CARD));
    const link = linkOf(text("license_link"));
    refuseVague({ id, name: text("license_name"), link }, IN_CARD);
    const clear = clearOf(files);
    if (clear && clear.facts.license !== id)
        throw unclear(
            `The card says ${id}, and ${clear.name} that its licence is ${clear.facts.license}; mend the card, or the file first`,
        );
    return id;
}

/** Where a person states a licence: who has edited the card may know no command line. */
interface Where {
    license: string;
    name: string;
    link: string;
    like: (id: string) => string;
}

const BY_OPTIONS: Where = {
    license: "with --license",
    name: "with --license-name",
    link: "with --license-link",
    like: (id) => `--license ${id}`,
};
const IN_CARD: Where = {
    license: "as license: in the card",
    name: "as license_name:",
    link: "as license_link:",
    like: (id) => `license: ${id}`,
};

function refuseVague({ id, name, link }: License, where: Where): void {
    if (id === "unknown")
        throw unclear(
            `A licence that is not known cannot be published under; state it ${where.license}`,
        );
    if (id === "other" && (!name || !link))
        throw unclear(
            `The licence is only said to be other; state the right one ${where.license}, or its name ${where.name} and the address of its text ${where.link}`,
        );
}

function isClear({ license, licenseName, licenseLink }: ModelFacts): boolean {
    if (!isIdentifier(license) || license === "unknown") return false;
    return license !== "other" || (licenseName !== undefined && licenseLink !== undefined);
}

/** As the Hub spells them: `apache-2.0`, `llama3.1`, `cc-by-nc-4.0`. */
function isIdentifier(text: string | undefined): text is string {
    return text !== undefined && /^[a-z0-9][a-z0-9.+-]{0,60}$/.test(text);
}

function noIdentifier(id: string, { like }: Where): string {
    return `${JSON.stringify(id.slice(0, 60))} is not a licence as the Hub spells them; state it like ${like("apache-2.0")}, or ${like("other")} with a name and a link`;
}

function checkLink(text: string): string {
    const link = linkOf(text.trim());
    if (link !== undefined) return link;
    throw unclear(
        `${JSON.stringify(text.slice(0, 100))} is no address of a licence; give one that begins with https://`,
    );
}

function unclear(message: string): AppError {
    return new AppError("user/license", message);
}
